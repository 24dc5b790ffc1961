// What the card Why? keeps behind "More": the class that is asked about, the layer, the method's parameters, the
// strength of the colours.
#include "ui/columns/saliency_settings.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <strings/saliency.h>

#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

document::command::SetMethod as_command(const document::Document& document) {
  const document::MapChoice& map = document.map;
  return {map.method, map.params,
          map.layer < 0 ? "" : document.graph().nodes()[static_cast<std::size_t>(map.layer)].name};
}

// Edits do not move the target: what the unedited model took the picture for.
std::string top_words(const View& view) {
  const document::Document& document = view.document();
  const bool edited = document.edited();
  if (document.target >= 0 || !view.answered())
    return tr(edited ? text::saliency_top_before_edits : text::saliency_top);
  return tr(edited ? text::saliency_top_before_edits_of : text::saliency_top_of,
            {{"class", class_label(document, view.results().target)}});
}

void choose_target(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const std::string top = top_words(view);
  const auto options = [&] {
    std::vector<Option> all{{top}};
    for (int i = 0; i < document.graph().class_count(); ++i) all.push_back({class_label(document, i)});
    return all;
  };
  text(say(text::saliency_class));
  int chosen = document.target + 1;
  const std::string now = document.target < 0 ? top : class_label(document, document.target);
  if (select("target", now, options, chosen))
    commands.push(document::command::SetTarget{chosen == 0 ? "" : std::to_string(chosen - 1)});
}

void choose_layer(const document::Document& document, CommandQueue& commands) {
  const std::vector<int> layers = explain::cam_layers(document.graph());
  const int now = explain::layer_of({document.graph(), document.map.params, document.map.layer});
  std::vector<Option> options;
  int chosen = 0;
  for (int node : layers) {
    if (node == now) chosen = static_cast<int>(options.size());
    options.push_back({document.graph().nodes()[static_cast<std::size_t>(node)].name, {}, true});
  }
  text(say(text::saliency_layer));
  if (!options.empty() && select("layer", options, chosen)) {
    auto command = as_command(document);
    command.layer = options[static_cast<std::size_t>(chosen)].label;
    commands.push(std::move(command));
  }
}

// A value that a hand gave a parameter, or nothing.
std::optional<double> choose_word(const explain::ParamSpec& param, double value, bool second) {
  std::vector<Option> options;
  for (const auto& [word, title] : param.choices) {
    options.push_back({tr(title)});
    if (word == "picture" && second) options.back().label = tr(text::saliency_remembered_picture);
    if (word == "picture" && !second)
      options.back() = {tr(text::saliency_another_picture), tr(text::saliency_another_picture_help), false};
    options.back().name = word;
  }
  int chosen = static_cast<int>(value);
  text(tr(param.title));
  const bool changed = select("param/" + std::string(param.name), options, chosen);
  tooltip(tr(param.summary));
  return changed ? std::optional<double>(chosen) : std::nullopt;
}

std::optional<double> draw_param(const explain::ParamSpec& param, double value, bool second) {
  if (!param.choices.empty()) return choose_word(param, value, second);
  const std::string id = "param/" + std::string(param.name);
  if (param.integer && param.minimum == 0.0 && param.maximum == 1.0) {  // a yes or no
    bool on = value != 0.0;
    return toggle(id, tr(param.title), on, tr(param.summary)) ? std::optional<double>(on ? 1.0 : 0.0) : std::nullopt;
  }
  const std::string help = tr(param.summary);
  SliderOptions options{.minimum = param.minimum,
                        .maximum = param.maximum,
                        .integer = param.integer,
                        .shown = value == 0.0 && param.zero ? tr(*param.zero) : "",
                        .help = help};
  if (param.logarithmic) {
    options.shown = short_number(value);
    value = std::log10(value);
    options.minimum = std::log10(param.minimum);
    options.maximum = std::log10(param.maximum);
  }
  const Change change = slider(id, tr(param.title), value, options);
  if (!change.commit) return std::nullopt;  // a slow method is not started again at every step of a drag
  if (param.logarithmic) return std::clamp(std::pow(10.0, value), param.minimum, param.maximum);
  return param.integer ? std::round(value) : value;
}

// Whether one of its parameters may be a second picture.
bool method_takes_picture(const explain::MethodDef& method) {
  return std::ranges::any_of(method.params, [](const explain::ParamSpec& spec) {
    return std::ranges::find(spec.choices, "picture", &base::ParamChoice::word) != spec.choices.end();
  });
}

void draw_params(const document::Document& document, const explain::MethodDef& method, CommandQueue& commands) {
  const bool second = document.second.has_value();
  const explain::Setting setting{document.graph(), document.map.params, document.map.layer};
  for (const explain::ParamSpec& param : method.params) {
    if (method.idle != nullptr && method.idle(setting, param.name)) continue;
    const auto it = document.map.params.find(param.name);
    const double value = it == document.map.params.end() ? param.fallback : it->second;
    const auto given = draw_param(param, value, second);
    if (!given) continue;
    auto command = as_command(document);
    command.params[std::string(param.name)] = *given;
    commands.push(std::move(command));
  }
  if (!method_takes_picture(method)) return;
  const std::string words =
      second ? tr(text::saliency_forget, {{"picture", document.second->name}}) : tr(text::saliency_remember);
  if (button("remember_picture", words, {.icon = Icon::picture}))
    commands.push(document::command::RememberPicture{!second});
  tooltip(say(text::saliency_remember_help));
}

void choose_opacity(const document::Document& document, CommandQueue& commands) {
  double opacity = document.view.opacity;
  if (slider("opacity", say(text::saliency_opacity), opacity,
             {.minimum = 0, .maximum = 1, .shown = percent(opacity, 0), .help = say(text::saliency_opacity_help)})) {
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = opacity, .seen = {}, .compare = {}});
  }
}

}  // namespace

void draw_saliency_settings(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  choose_target(view, commands);
  if (method.uses_layer) choose_layer(document, commands);
  draw_params(document, method, commands);
  choose_opacity(document, commands);
}

}  // namespace weightroom::ui
