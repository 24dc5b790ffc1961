// Why: the method of the map, its target, layer and parameters, its scale with numbers.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "ui/context.h"
#include "ui/panels/common.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/legend.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

lab::command::SetMethod as_command(const lab::Document& document) {
  const lab::MapChoice& map = document.map;
  return {map.method, map.params,
          map.layer < 0 ? "" : document.graph().nodes()[static_cast<std::size_t>(map.layer)].name};
}

void choose_method(const lab::Document& document, CommandQueue& commands) {
  std::vector<Option> options;
  int chosen = 0;
  for (const explain::MethodDef& method : explain::methods()) {
    if (method.name == document.map.method) chosen = static_cast<int>(options.size());
    options.push_back({std::string(method.title), std::string(method.summary), true});
  }
  if (select("method", options, chosen)) {
    commands.push(
        lab::command::SetMethod{std::string(explain::methods()[static_cast<std::size_t>(chosen)].name), {}, ""});
  }
}

void choose_target(const View& view, CommandQueue& commands) {
  const lab::Document& document = view.document();
  // Edits do not move the target: what the unedited model took the picture for.
  std::vector<Option> options{{document.edited() ? "Top before edits" : "Top class", {}, true}};
  if (document.target < 0 && view.answered()) options[0].label += ": " + class_label(document, view.results().target);
  for (int i = 0; i < document.graph().class_count(); ++i) options.push_back({class_label(document, i), {}, true});
  int chosen = document.target + 1;
  if (select("target", options, chosen))
    commands.push(lab::command::SetTarget{chosen == 0 ? "" : std::to_string(chosen - 1)});
}

void choose_layer(const lab::Document& document, CommandQueue& commands) {
  const std::vector<int> layers = explain::cam_layers(document.graph());
  const int now = document.map.layer >= 0 ? document.map.layer : explain::default_layer(document.graph());
  std::vector<Option> options;
  int chosen = 0;
  for (int node : layers) {
    if (node == now) chosen = static_cast<int>(options.size());
    options.push_back({document.graph().nodes()[static_cast<std::size_t>(node)].name, {}, true});
  }
  text("Layer", Role::quiet);
  if (!options.empty() && select("layer", options, chosen)) {
    auto command = as_command(document);
    command.layer = options[static_cast<std::size_t>(chosen)].label;
    commands.push(std::move(command));
  }
}

void draw_params(const lab::Document& document, const explain::MethodDef& method, CommandQueue& commands) {
  for (const explain::ParamSpec& param : method.params) {
    const auto it = document.map.params.find(param.name);
    double value = it == document.map.params.end() ? param.fallback : it->second;
    const std::string id = "param/" + std::string(param.name);
    std::string label(param.name);
    label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
    std::ranges::replace(label, '_', ' ');
    if (param.integer && param.minimum == 0.0 && param.maximum == 1.0) {  // a yes or no
      bool on = value != 0.0;
      if (!toggle(id, label, on, param.summary)) continue;
      auto command = as_command(document);
      command.params[std::string(param.name)] = on ? 1.0 : 0.0;
      commands.push(std::move(command));
      continue;
    }
    const Change change = slider(id, label, value,
                                 {.minimum = param.minimum,
                                  .maximum = param.maximum,
                                  .integer = param.integer,
                                  .shown = std::string(value == 0.0 ? param.zero : ""),
                                  .help = param.summary});
    if (!change.commit) continue;  // a slow method is not started again at every step of a drag
    auto command = as_command(document);
    command.params[std::string(param.name)] = param.integer ? std::round(value) : value;
    commands.push(std::move(command));
  }
}

void draw_reading(const View& view) {
  const lab::Results& results = view.results();
  if (results.map_progress < 1.0) {
    text(std::string(explain::find_method(view.document().map.method)->title) + ", " +
             std::to_string(static_cast<int>(100.0 * results.map_progress)) + " % done",
         Role::quiet);
    progress_bar("map_progress", results.map_progress, ImGui::GetContentRegionAvail().x);
  }
  if (results.map.values.empty()) {  // a large net answers before its first map is there
    text("The map is being worked out.", Role::quiet, true);
  } else if (results.map.empty()) {
    text("No evidence: the map is zero everywhere.", Role::quiet, true);
  } else {
    legend("map_legend", static_cast<double>(results.map.scale), gfx::Ground::picture, "against", "for the target");
  }
  const double error = results.explanation.completeness_error;
  if (error == error) {
    char words[120];
    std::snprintf(words, sizeof(words), "The map adds up to the change of the logit within %.2f %%.", 100.0 * error);
    text(words, Role::quiet, true);
  }
  if (!results.explanation.note.empty()) text(results.explanation.note, Role::quiet, true);
}

}  // namespace

void saliency_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const lab::Document& document = view.document();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  const Card card("saliency", "Why?");
  choose_method(document, commands);
  choose_target(view, commands);
  if (method.uses_layer) choose_layer(document, commands);
  draw_params(document, method, commands);
  if (view.answered()) draw_reading(view);
  bool shown = document.view.map;
  if (toggle("map_shown", "Over the picture", shown, "Show the map over the picture, as strongly as the slider says."))
    commands.push(lab::command::SetView{.overlay = {}, .map = shown, .opacity = {}, .seen = {}, .compare = {}});
  double opacity = document.view.opacity;
  char words[16];
  std::snprintf(words, sizeof(words), "%.0f %%", 100.0 * opacity);
  ImGui::SameLine(0, Metrics::kGap);
  if (slider("opacity", "Opacity", opacity,
             {.minimum = 0,
              .maximum = 1,
              .shown = words,
              .help = "How much of the picture the map covers.",
              .compact = true})) {
    commands.push(lab::command::SetView{.overlay = {}, .map = {}, .opacity = opacity, .seen = {}, .compare = {}});
  }
}

}  // namespace weightroom::ui
