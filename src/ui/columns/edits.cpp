// The list of edits in words, with reset; undo, redo and hold-to-compare stand in the header, always in reach.
#include <algorithm>

#include <strings/edits.h>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

void reset_buttons(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const bool edited = document.edited();
  const float width = (ImGui::GetContentRegionAvail().x - Metrics::kGap) / 2;
  const std::string& layer = document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].name;
  // A name out of somebody else's file may be long.
  const bool short_name = text_size(layer, fonts().body).x < width * 0.45F;
  if (button("reset_layer",
             short_name ? tr(text::edits_reset_layer, {{"layer", layer}}) : tr(text::edits_reset_long_layer),
             {.icon = Icon::reset,
              .tooltip = tr(text::edits_reset_layer_help, {{"layer", layer}}),
              .enabled = edited,
              .width = width})) {
    commands.push(
        document::command::Reset{.scope = document::command::Reset::Scope::layer, .node = document.selection.layer});
  }
  ImGui::SameLine(0, Metrics::kGap);
  if (button("reset_all", say(text::edits_reset_all),
             {.icon = Icon::reset, .tooltip = say(text::edits_reset_all_help), .enabled = edited, .width = width})) {
    commands.push(document::command::Reset{.scope = document::command::Reset::Scope::all});
  }
}

// What a step did to the accuracy and to the smallest file, where both were measured.
std::string effect_words(const View& view, std::size_t index) {
  const auto& steps = view.document().edit.steps;
  const lab::Engine& engine = view.lab.engine();
  const auto step_before = index == 0 ? nullptr : steps[index - 1];
  const auto before = engine.measure().accuracy_after(step_before);
  const auto after = engine.measure().accuracy_after(steps[index]);
  std::string accuracy;
  if (after) {
    accuracy = before ? tr(text::edits_accuracy_change, {{"before", percent(*before)}, {"now", percent(*after)}})
                      : tr(text::edits_accuracy, {{"now", percent(*after)}});
  }
  const auto bytes_before = engine.sizes().file_after(step_before);
  const auto bytes_after = engine.sizes().file_after(steps[index]);
  // What a step of one weight does to the file is noise.
  const auto by_a_hundredth = [](std::size_t a, std::size_t b) {
    return std::max(a, b) - std::min(a, b) > std::min(a, b) / 100;
  };
  if (!bytes_before || !bytes_after || !by_a_hundredth(*bytes_before, *bytes_after)) return accuracy;
  const std::string size =
      tr(text::edits_file_change, {{"before", bytes_text(*bytes_before)}, {"now", bytes_text(*bytes_after)}});
  return accuracy.empty() ? size : tr(text::edits_both_changes, {{"accuracy", accuracy}, {"size", size}});
}

// A line of the list: a click takes its weight into the hand again.
void draw_step(const View& view, std::size_t index, float width, CommandQueue& commands) {
  const document::Step& step = *view.document().edit.steps[index];
  const bool last = index + 1 == view.document().edit.steps.size();
  const std::string effect = effect_words(view, index);
  const float line = context().touch ? theme().metrics.control : 24.0F;
  const float height = effect.empty() ? line : line + 20.0F;
  const Area at = area("step/" + std::to_string(index), {width, height});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (at.hovered)
    list.AddRectFilled({at.from.x - 6, at.from.y}, {at.to.x + 6, at.to.y}, colours().control_hover, Metrics::kRound);
  draw_focus(list, at, Metrics::kRound);
  const std::string words = step.words.said();
  const std::string shown = shortened(words, width, fonts().body);
  draw_text_in(list, fonts().body, at.from, {at.to.x, at.from.y + line}, 0.0F, last ? colours().ink : colours().quiet,
               shown);
  if (!effect.empty())
    draw_text_in(list, fonts().body, {at.from.x + 12.0F, at.from.y + line - 4.0F}, at.to, 0.0F, colours().quiet,
                 shortened(effect, width - 12.0F, fonts().body));
  tooltip(shown == words ? tr(text::edits_step_help) : words);
  if (at.pressed && step.first) commands.push(document::command::SelectWeight{*step.first});
}

}  // namespace

void edits_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const auto& steps = view.document().edit.steps;
  const Card card("edits", steps.empty() ? tr(text::edits_title) : tr(text::edits_count, {{"n", steps.size()}}));
  if (steps.empty()) {
    text(say(text::edits_none), Role::quiet, true);
  } else {
    constexpr std::size_t kFew = 5;
    const std::size_t shown = ui.all_edits ? steps.size() : std::min(steps.size(), kFew);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    const TabGroup stop;
    for (std::size_t k = 0; k < shown; ++k) draw_step(view, steps.size() - 1 - k, card.width(), commands);
    ImGui::PopStyleVar();
    if (steps.size() > kFew) {
      const std::string words =
          ui.all_edits ? tr(text::edits_fewer, {{"n", kFew}}) : tr(text::edits_more, {{"n", steps.size() - kFew}});
      if (link("edits/more", words)) ui.all_edits = !ui.all_edits;
    }
  }
  if (const std::size_t dropped = view.lab.history().dropped(); dropped > 0) {
    text(tr(text::edits_dropped, {{"n", dropped}}), Role::quiet, true);
  }
  ImGui::Dummy({0, 2});
  reset_buttons(view, commands);
}

}  // namespace weightroom::ui
