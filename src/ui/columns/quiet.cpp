// The first visit: the picture, the answer, one kernel with its slider, one sentence, and the way to all the rest.
#include "ui/columns/quiet.h"

#include <algorithm>

#include <strings/answer.h>
#include <strings/picture.h>
#include <strings/quiet.h>

#include "ui/columns/answer.h"
#include "ui/columns/lit_weight.h"
#include "ui/columns/picture_tools.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/bench_picture.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scroll_hint.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr std::size_t kClasses = 3;
constexpr float kMostWide = 1040.0F;  // of both cards: a line of it is still read at a glance

// What the page is for, until something was edited; then what the edit did.
std::string sentence(const View& view) {
  if (!view.answered()) return {};
  const document::Document& document = view.document();
  if (!document.edited()) return tr(text::quiet_drag, {{"n", document.graph().weight_count()}});
  const std::string top = class_label(document, view.results().order.front());
  if (!view.results().changed) return tr(text::quiet_still, {{"class", top}});
  const std::string from = class_label(document, view.results().changed->from);
  const std::string now = tr(text::quiet_changed, {{"from", from}, {"to", top}});
  const std::string story = change_story(view);
  return story.empty() ? now : now + " " + story;
}

void draw_quiet_picture(const View& view, CommandQueue& commands, float side) {
  const Card card("picture_card", {});
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 corner{from.x + (card.width() - side) / 2, from.y};
  if (!view.lab.has_document() || !view.document().picture) return empty_state(say(text::picture_waiting), side);
  const Frame frame{corner, {corner.x + side, corner.y + side}};
  draw_bench_picture(view, frame);
  note_rect("picture", frame.from, frame.to);
  ImGui::SetCursorScreenPos({from.x, frame.to.y + Metrics::kGap});
  draw_samples(view, commands);
}

void draw_quiet_answer(const View& view) {
  const float room = ImGui::GetContentRegionAvail().x - 2 * Metrics::kPad;
  const bool answered = view.answered();
  const Card card("answer", answered ? fitted_answer(view, room) : tr(text::answer_title));
  if (view.ready() && view.results().overflow) return empty_state(say(text::answer_overflow), 120.0F);
  if (!answered) return empty_state(say(text::answer_waiting), 120.0F);
  draw_top_classes(view, kClasses);
  draw_knows(view);
}

// Picture and answer side by side, where there is one column.
void draw_quiet_both(const View& view, CommandQueue& commands) {
  if (!view.answered() || !view.document().picture) return draw_quiet_answer(view);
  const float room = ImGui::GetContentRegionAvail().x - 2 * Metrics::kPad;
  const Card card("answer", fitted_answer(view, room));
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float side = std::min(card.width() * 0.42F, 170.0F);
  const Frame frame{from, {from.x + side, from.y + side}};
  draw_bench_picture(view, frame);
  note_rect("picture", frame.from, frame.to);
  ImGui::SetCursorScreenPos({frame.to.x + Metrics::kPad, from.y});
  ImGui::BeginGroup();
  draw_top_classes(view, kClasses);
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos({from.x, std::max(frame.to.y, ImGui::GetItemRectMax().y) + Metrics::kGap});
  draw_samples(view, commands);
  draw_knows(view);
}

void draw_quiet_kernel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document() || !view.document().selection.weight) return;
  const Card card("inspector", {});
  draw_kernel(view, ui, commands, card.width());
}

// Both on one sheet, where every line counts.
void draw_quiet_line(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.answered() || !view.document().selection.weight) return draw_quiet_answer(view);
  const float room = ImGui::GetContentRegionAvail().x - 2 * Metrics::kPad;
  const Card card("answer", fitted_answer(view, room));
  draw_kernel(view, ui, commands, card.width());
}

void draw_quiet_foot(const View& view, UiState& ui, bool low) {
  const float width = ImGui::GetContentRegionAvail().x;
  if (const std::string words = sentence(view); !words.empty()) text(words, Role::body, true);
  ImGui::Dummy({0, 2});
  const std::string_view all = say(text::quiet_whole);
  ButtonOptions options{.icon = Icon::network, .tooltip = say(text::quiet_whole_help)};
  options.width = std::min(width, button_width(all, options));
  if (!low && button("whole_bench", all, options)) open_whole_bench(ui);  // else it stands in the line above
}

// A column of its own, scrolled where the window is too low for it.
template <class Draw>
void column(const char* id, ImVec2 from, ImVec2 size, const Draw& draw) {
  ImGui::SetCursorScreenPos(from);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4.0F, 4.0F});
  ImGui::BeginChild(id, size, ImGuiChildFlags_AlwaysUseWindowPadding,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NavFlattened);
  ImGui::PopStyleVar();
  draw();
  hint_at_more_below(colours().paper);
  ImGui::EndChild();
}

}  // namespace

void open_whole_bench(UiState& ui) {
  ui.whole_bench = true;
  context().requests.whole_bench = true;
}

void quiet_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float tools = theme().metrics.control + Metrics::kGap + 2 * Metrics::kPad + 12.0F;
  if (layout() == Layout::tabs) {
    return column("column/quiet", from, room, [&] {
      draw_quiet_both(view, commands);
      draw_quiet_kernel(view, ui, commands);
      draw_quiet_foot(view, ui, false);
    });
  }
  const float wide = std::min(room.x, kMostWide);
  const float left = from.x + (room.x - wide) / 2;
  const float half = wide / 2;
  const float side = std::clamp(room.y - tools, 96.0F, half - 2 * Metrics::kPad - 8.0F);
  const bool low = layout() == Layout::low;
  column("column/picture", {left, from.y}, {half, room.y}, [&] { draw_quiet_picture(view, commands, side); });
  column("column/answer", {left + half, from.y}, {half, room.y}, [&] {
    if (low) {
      draw_quiet_line(view, ui, commands);
    } else {
      draw_quiet_answer(view);
      draw_quiet_kernel(view, ui, commands);
    }
    draw_quiet_foot(view, ui, low);
  });
}

}  // namespace weightroom::ui
