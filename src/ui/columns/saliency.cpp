// Why: the method of the map, its target, layer and parameters, its scale with numbers.
#include <algorithm>
#include <cmath>
#include <optional>

#include <strings/action.h>
#include <strings/common.h>
#include <strings/saliency.h>

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
  return tr(text::saliency_passes, {{"n", static_cast<std::int64_t>(rounded)}});
}

std::vector<Option> method_options(const View& view) {
  const document::MapChoice& map = view.document().map;
  std::vector<Option> options;
  const explain::MethodDef* before = nullptr;
  for (const explain::MethodDef& method : explain::methods()) {
    Option option{tr(method.title), tr(method.summary)};
    if (before == nullptr || before->family != method.family) option.heading = tr(explain::family_title(method.family));
    const bool here = method.name == map.method;
    option.aside = cost(view, method, here ? map.params : explain::checked_params(method, {}).value());
    if (const auto suits = explain::check_suits(method, view.document().graph()); !suits) {
      option.detail = suits.error().message();
      option.enabled = false;
    } else if (method.warning) {
      option.detail += " " + tr(*method.warning);
    }
    option.name = method.name;
    options.push_back(std::move(option));
    before = &method;
  }
  return options;
}

void choose_method(const View& view, CommandQueue& commands) {
  const explain::MethodDef& now = *explain::find_method(view.document().map.method);
  auto chosen = static_cast<int>(&now - explain::methods().data());
  if (select("method", tr(now.title), [&] { return method_options(view); }, chosen)) {
    commands.push(
        document::command::SetMethod{std::string(explain::methods()[static_cast<std::size_t>(chosen)].name), {}, ""});
  }
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
  text(say(text::saliency_layer), Role::quiet);
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

// How far the map has come, and a button to leave it at that.
void draw_progress(const View& view, CommandQueue& commands) {
  const lab::Results& results = view.results();
  if (results.map_progress >= 1.0) return;
  const bool stopped = results.map_stopped;
  const std::string_view label = say(stopped ? text::action_again : text::action_stop);
  const std::string_view help = say(stopped ? text::saliency_again_help : text::saliency_stop_help);
  ButtonOptions options{.tooltip = help, .width = 76.0F};
  options.width = button_width(label, options);
  const float width = ImGui::GetContentRegionAvail().x;
  const float control = theme().metrics.control;
  const float room = width - options.width - Metrics::kGap;
  const float line = font_height(fonts().body);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const std::string share = percent_done(results.map_progress);
  const std::string name = tr(explain::find_method(view.document().map.method)->title);
  ImGui::SetCursorScreenPos({from.x, from.y + (stopped ? (control - line) / 2 : 0.0F)});
  text_fitted(stopped ? tr(text::saliency_stopped, {{"share", share}})
                      : tr(text::saliency_progress, {{"method", name}, {"share", share}}),
              room, Role::quiet);
  if (!stopped) {
    ImGui::SetCursorScreenPos({from.x, from.y + control - 10.0F});
    progress_bar("map_progress", results.map_progress, room);
  }
  ImGui::SetCursorScreenPos({from.x + width - options.width, from.y});
  if (button(stopped ? "map/start" : "map/stop", label, options)) {
    if (stopped) {
      commands.push(document::command::StartMap{});
    } else {
      commands.push(document::command::StopMap{});
    }
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

void draw_reading(const View& view, CommandQueue& commands) {
  const lab::Results& results = view.results();
  draw_progress(view, commands);
  if (results.map.values.empty() && results.map_stopped) {
    text(say(text::saliency_stopped_early), Role::quiet, true);
  } else if (results.map.values.empty()) {  // a large net answers before its first map is there
    text(say(text::saliency_working), Role::quiet, true);
  } else if (results.map.empty()) {
    text(say(text::common_no_evidence), Role::quiet, true);
  } else {
    legend("map_legend", static_cast<double>(results.map.scale), gfx::Ground::picture, say(text::saliency_against),
           say(text::saliency_in_favour));
  }
  const double error = results.explanation.completeness_error;
  if (error == error) {
    constexpr double kRounding = 5e-5;
    text(error < kRounding ? tr(text::saliency_complete)
                           : tr(text::saliency_nearly_complete, {{"error", decimal(100.0 * error, 2)}}),
         Role::quiet, true);
  }
  if (results.explanation.note) text(results.explanation.note->said(), Role::quiet, true);
}

void save_buttons(const View& view, Card& card, CommandQueue& commands) {
  const bool whole = view.answered() && view.results().map_progress >= 1.0 && !view.results().map.values.empty();
  card.begin_trailing();
  if (icon_button("save_map/picture", Icon::picture, say(text::saliency_save_picture),
                  {.look = Look::bare, .enabled = whole}))
    commands.push(document::command::SaveMap{"picture"});
  ImGui::SameLine(0, 0);
  if (icon_button("save_map/numbers", Icon::download, say(text::saliency_save_numbers),
                  {.look = Look::bare, .enabled = whole}))
    commands.push(document::command::SaveMap{"numbers"});
  card.end_trailing();
}

}  // namespace

void saliency_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const document::Document& document = view.document();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  Card card("saliency", say(text::saliency_title), 2 * theme().metrics.control);
  save_buttons(view, card, commands);
  choose_method(view, commands);
  choose_target(view, commands);
  if (method.uses_layer) choose_layer(document, commands);
  if (method.warning) text(tr(*method.warning), Role::quiet, true);
  if (view.answered()) draw_reading(view, commands);
  bool shown = document.view.map;
  if (toggle("map_shown", say(text::saliency_over_picture), shown, say(text::saliency_over_picture_help)))
    commands.push(document::command::SetView{.overlay = {}, .map = shown, .opacity = {}, .seen = {}, .compare = {}});
  double opacity = document.view.opacity;
  ImGui::SameLine(0, Metrics::kGap);
  if (slider("opacity", say(text::saliency_opacity), opacity,
             {.minimum = 0,
              .maximum = 1,
              .shown = percent(opacity, 0),
              .help = say(text::saliency_opacity_help),
              .compact = true})) {
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = opacity, .seen = {}, .compare = {}});
  }
  draw_params(document, method, commands);
}

}  // namespace weightroom::ui
