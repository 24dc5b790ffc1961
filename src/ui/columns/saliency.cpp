// Why: the method of the map, what its colours say and of which class, its scale with numbers. The rest is behind
// "More".
#include <algorithm>
#include <cmath>

#include <strings/action.h>
#include <strings/common.h>
#include <strings/saliency.h>

#include "ui/columns/saliency_settings.h"
#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/legend.h"
#include "ui/widgets/method_menu.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

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
    Option option = method_option(method, before);
    option.detail = tr(method.summary);
    const bool here = method.name == map.method;
    option.aside = cost(view, method, here ? map.params : explain::checked_params(method, {}).value());
    if (const auto suits = explain::check_suits(method, view.document().graph()); !suits) {
      option.detail = suits.error().message();
      option.enabled = false;
    } else if (method.warning) {
      option.detail += " " + tr(*method.warning);
    }
    options.push_back(std::move(option));
    before = &method;
  }
  return options;
}

void choose_method(const View& view, CommandQueue& commands) {
  const explain::MethodDef& now = *explain::find_method(view.document().map.method);
  auto chosen = static_cast<int>(&now - explain::methods().data());
  if (select("method", tr(now.plain), [&] { return method_options(view); }, chosen, 0.0F, tr(now.title))) {
    commands.push(
        document::command::SetMethod{std::string(explain::methods()[static_cast<std::size_t>(chosen)].name), {}, ""});
  }
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

// What is seen, in words: what the colours say, and how many places say it.
void draw_words(const View& view) {
  const document::Document& document = view.document();
  const lab::Results& results = view.results();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  text(tr(explain::colours_of(method, document.map.params), {{"class", class_label(document, results.target)}}),
       Role::body, true);
  if (const auto places = explain::places_of(method, results.explanation)) text(places->said(), Role::quiet, true);
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
    legend("map_legend", static_cast<double>(results.map.scale), gfx::Ground::picture);
    draw_words(view);
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

// Whether the map is shown, and what unfolds the rest.
void draw_switches(const document::Document& document, UiState& ui, CommandQueue& commands) {
  const std::string_view over = say(text::saliency_over_picture);
  const std::string_view more = say(text::saliency_more);
  const ButtonOptions options{.look = Look::bare,
                              .icon = ui.map_settings ? Icon::chevron_down : Icon::chevron_right,
                              .tooltip = say(ui.map_settings ? text::saliency_less_help : text::saliency_more_help)};
  const float room = ImGui::GetContentRegionAvail().x - toggle_width(over) - button_width(more, options);
  bool shown = document.view.map;
  if (toggle("map_shown", over, shown, say(text::saliency_over_picture_help)))
    commands.push(document::command::SetView{.overlay = {}, .map = shown, .opacity = {}, .seen = {}, .compare = {}});
  if (ui.presenting) return;
  if (room >= Metrics::kGap) ImGui::SameLine(0, room);
  if (button("saliency/more", more, options)) {
    ui.map_settings = !ui.map_settings;
    ui.map_settings_unfold = ui.map_settings;
  }
}

}  // namespace

void saliency_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const document::Document& document = view.document();
  const explain::MethodDef& method = *explain::find_method(document.map.method);
  Card card("saliency", say(text::saliency_title), 2 * theme().metrics.control);
  save_buttons(view, card, commands);
  choose_method(view, commands);
  if (method.warning) text(tr(*method.warning), Role::quiet, true);
  if (view.answered()) draw_reading(view, commands);
  draw_switches(document, ui, commands);
  if (!ui.map_settings || ui.presenting) return;
  draw_saliency_settings(view, commands);
  if (std::exchange(ui.map_settings_unfold, false)) ImGui::SetScrollHereY(1.0F);  // so that they are seen
}

}  // namespace weightroom::ui
