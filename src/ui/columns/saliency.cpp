// Why: the method of the map, its target, layer and parameters, its scale with numbers.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <optional>

#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/legend.h"
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

// "50 passes": what a method costs, in forward passes of the open model.
std::string cost(const View& view, const explain::MethodDef& method, const explain::Params& params) {
  const double passes = view.lab.engine().passes(method, params);
  if (passes <= 0.0) return {};
  const double rounded = passes < 100.0 ? std::round(passes) : std::round(passes / 10.0) * 10.0;
  return std::to_string(static_cast<int>(rounded)) + " passes";
}

std::vector<Option> method_options(const View& view) {
  const document::MapChoice& map = view.document().map;
  std::vector<Option> options;
  const explain::MethodDef* before = nullptr;
  for (const explain::MethodDef& method : explain::methods()) {
    Option option{std::string(method.title), std::string(method.summary)};
    if (before == nullptr || before->family != method.family) option.heading = explain::family_title(method.family);
    const bool here = method.name == map.method;
    option.aside = cost(view, method, here ? map.params : explain::checked_params(method, {}).value());
    if (const auto suits = explain::check_suits(method, view.document().graph()); !suits) {
      option.detail = suits.error().message();
      option.enabled = false;
    } else if (!method.warning.empty()) {
      option.detail += " " + std::string(method.warning);
    }
    if (!method.warning.empty()) option.detail += " " + std::string(method.warning);
    option.name = method.name;
    options.push_back(std::move(option));
    before = &method;
  }
  return options;
}

void choose_method(const View& view, CommandQueue& commands) {
  const explain::MethodDef& now = *explain::find_method(view.document().map.method);
  auto chosen = static_cast<int>(&now - explain::methods().data());
  if (select("method", now.title, [&] { return method_options(view); }, chosen)) {
    commands.push(
        document::command::SetMethod{std::string(explain::methods()[static_cast<std::size_t>(chosen)].name), {}, ""});
  }
}

void choose_target(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  // Edits do not move the target: what the unedited model took the picture for.
  std::string top = document.edited() ? "Top before edits" : "Top class";
  if (document.target < 0 && view.answered()) top += ": " + class_label(document, view.results().target);
  const auto options = [&] {
    std::vector<Option> all{{top}};
    for (int i = 0; i < document.graph().class_count(); ++i) all.push_back({class_label(document, i)});
    return all;
  };
  int chosen = document.target + 1;
  const std::string now = document.target < 0 ? top : class_label(document, document.target);
  if (select("target", now, options, chosen))
    commands.push(document::command::SetTarget{chosen == 0 ? "" : std::to_string(chosen - 1)});
}

void choose_layer(const document::Document& document, CommandQueue& commands) {
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

// A value that a hand gave a parameter, or nothing.
std::optional<double> choose_word(const explain::ParamSpec& param, double value, bool second) {
  std::vector<Option> options;
  for (const std::string_view word : param.choices) {
    const std::string words = in_words(word);
    const bool there = word != "picture" || second;
    options.push_back({there ? words : "Another picture", there ? "" : "Remember one first, below.", there});
    if (word == "picture" && there) options.back().label = "The remembered picture";
    options.back().name = word;
  }
  int chosen = static_cast<int>(value);
  text(in_words(param.name));
  const bool changed = select("param/" + std::string(param.name), options, chosen);
  tooltip(param.summary);
  return changed ? std::optional<double>(chosen) : std::nullopt;
}

std::optional<double> draw_param(const explain::ParamSpec& param, double value, bool second) {
  if (!param.choices.empty()) return choose_word(param, value, second);
  const std::string id = "param/" + std::string(param.name);
  if (param.integer && param.minimum == 0.0 && param.maximum == 1.0) {  // a yes or no
    bool on = value != 0.0;
    return toggle(id, in_words(param.name), on, param.summary) ? std::optional<double>(on ? 1.0 : 0.0) : std::nullopt;
  }
  SliderOptions options{.minimum = param.minimum,
                        .maximum = param.maximum,
                        .integer = param.integer,
                        .shown = std::string(value == 0.0 ? param.zero : ""),
                        .help = param.summary};
  if (param.logarithmic) {
    char words[24];
    std::snprintf(words, sizeof(words), "%.1g", value);
    options.shown = words;
    value = std::log10(value);
    options.minimum = std::log10(param.minimum);
    options.maximum = std::log10(param.maximum);
  }
  const Change change = slider(id, in_words(param.name), value, options);
  if (!change.commit) return std::nullopt;  // a slow method is not started again at every step of a drag
  if (param.logarithmic) return std::clamp(std::pow(10.0, value), param.minimum, param.maximum);
  return param.integer ? std::round(value) : value;
}

// Whether one of its parameters may be a second picture.
bool method_takes_picture(const explain::MethodDef& method) {
  return std::ranges::any_of(method.params, [](const explain::ParamSpec& spec) {
    return std::ranges::find(spec.choices, "picture") != spec.choices.end();
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
  const std::string words = second ? "Forget " + document.second->name : "Remember this picture";
  if (button("remember_picture", words, {.icon = Icon::picture}))
    commands.push(document::command::RememberPicture{!second});
  tooltip("Keeps the picture on the bench, so that another one can be compared with it: choose it as the baseline.");
}

// How far the map has come, and a button to leave it at that.
void draw_progress(const View& view, CommandQueue& commands) {
  const lab::Results& results = view.results();
  if (results.map_progress >= 1.0) return;
  constexpr float kButton = 76.0F;
  const float width = ImGui::GetContentRegionAvail().x;
  const float control = theme().metrics.control;
  const float room = width - kButton - Metrics::kGap;
  const float line = font_height(fonts().body);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const std::string share = std::to_string(static_cast<int>(100.0 * results.map_progress)) + " %";
  const std::string name(explain::find_method(view.document().map.method)->title);
  const bool stopped = results.map_stopped;
  ImGui::SetCursorScreenPos({from.x, from.y + (stopped ? (control - line) / 2 : 0.0F)});
  text_fitted(stopped ? "Stopped at " + share : name + ", " + share + " done", room, Role::quiet);
  if (!stopped) {
    ImGui::SetCursorScreenPos({from.x, from.y + control - 10.0F});
    progress_bar("map_progress", results.map_progress, room);
  }
  ImGui::SetCursorScreenPos({from.x + width - kButton, from.y});
  if (stopped) {
    if (button("map/start", "Again", {.tooltip = "Work the map out from the beginning.", .width = kButton}))
      commands.push(document::command::StartMap{});
  } else if (button("map/stop", "Stop", {.tooltip = "What the map shows so far stays.", .width = kButton})) {
    commands.push(document::command::StopMap{});
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

void draw_reading(const View& view, CommandQueue& commands) {
  const lab::Results& results = view.results();
  draw_progress(view, commands);
  if (results.map.values.empty() && results.map_stopped) {
    text("Nothing was known of the map yet.", Role::quiet, true);
  } else if (results.map.values.empty()) {  // a large net answers before its first map is there
    text("The map is being worked out.", Role::quiet, true);
  } else if (results.map.empty()) {
    text("No evidence: the map is zero everywhere.", Role::quiet, true);
  } else {
    legend("map_legend", static_cast<double>(results.map.scale), gfx::Ground::picture, "against", "for the target");
  }
  const double error = results.explanation.completeness_error;
  if (error == error) {
    char words[120];
    const bool rounding = error < 5e-5;
    std::snprintf(words, sizeof(words),
                  rounding ? "Sums to the logit's change." : "Sums to the logit's change ± %.2f %%.", 100.0 * error);
    text(words, Role::quiet, true);
  }
  if (!results.explanation.note.empty()) text(results.explanation.note, Role::quiet, true);
}

void save_buttons(const View& view, Card& card, CommandQueue& commands) {
  const bool whole = view.answered() && view.results().map_progress >= 1.0 && !view.results().map.values.empty();
  card.begin_trailing();
  if (icon_button("save_map/picture", Icon::picture, "Save the picture with its map as a PNG",
                  {.look = Look::bare, .enabled = whole}))
    commands.push(document::command::SaveMap{"picture"});
  ImGui::SameLine(0, 0);
  if (icon_button("save_map/numbers", Icon::download, "Save the map's numbers, as the method gave them (safetensors)",
                  {.look = Look::bare, .enabled = whole}))
    commands.push(document::command::SaveMap{"numbers"});
  card.end_trailing();
}

}  // namespace

void saliency_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const document::Document& document = view.document();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  Card card("saliency", "Why?", 2 * theme().metrics.control);
  save_buttons(view, card, commands);
  choose_method(view, commands);
  choose_target(view, commands);
  if (method.uses_layer) choose_layer(document, commands);
  if (!method.warning.empty()) text(method.warning, Role::quiet, true);
  if (view.answered()) draw_reading(view, commands);
  bool shown = document.view.map;
  if (toggle("map_shown", "Over the picture", shown, "Show the map over the picture, as strongly as the slider says."))
    commands.push(document::command::SetView{.overlay = {}, .map = shown, .opacity = {}, .seen = {}, .compare = {}});
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
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = opacity, .seen = {}, .compare = {}});
  }
  draw_params(document, method, commands);
}

}  // namespace weightroom::ui
