// Answer and selected weight in one strip, where their own column is not in sight: the picture small, the top class
// with its bar, the weight with its slider.
#include <strings/answer.h>

#include "ui/columns/lit_weight.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/bench_picture.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

// Pressed, it shows the picture large.
bool small_picture(const View& view, float side) {
  const Area at = area("small_picture", {side, side});
  draw_bench_picture(view, {at.from, at.to});
  draw_focus(*ImGui::GetWindowDrawList(), at, 6.0F);
  return at.pressed;
}

void top_bar(const View& view, CommandQueue& commands) {
  const lab::Results& results = view.results();
  const int index = results.order.front();
  const auto i = static_cast<std::size_t>(index);
  const std::string label = class_label(view.document(), index);
  ClassBar bar{label, static_cast<double>(results.probabilities[i]), std::nullopt, false, true};
  if (view.document().edited()) bar.ghost = static_cast<double>(results.unedited_probabilities[i]);
  if (class_bar("glance/top", bar)) commands.push(document::command::SetTarget{std::to_string(index)});
}

}  // namespace

void glance_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const Card card("glance", {});
  if (!view.ready() || !view.document().selection.weight) return text(say(text::answer_waiting), Role::quiet);
  const float side = context().touch ? 48.0F : 42.0F;
  if (small_picture(view, side)) {
    ui.tab = 0;
    ui.picture_shown = layout() == Layout::low;
  }
  ImGui::SameLine(0, Metrics::kGap + 4.0F);
  ImGui::BeginGroup();
  if (view.answered()) {
    top_bar(view, commands);
  } else {
    text(say(view.results().overflow ? text::answer_overflow : text::answer_waiting), Role::quiet, true);
  }
  ImGui::EndGroup();
  draw_lit_slider(view, ui, commands);
}

}  // namespace weightroom::ui
