#include "ui/widgets/bubble.h"

#include <algorithm>
#include <cmath>

#include "ui/context.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

using Place = WidgetRects::Place;

void draw_bubble(ImDrawList& list, ImVec2 from, ImVec2 to, std::string_view words) {
  for (int i = 3; i >= 1; --i) {
    const auto spread = static_cast<float>(i) * 2.0F;
    list.AddRectFilled({from.x - spread / 2, from.y}, {to.x + spread / 2, to.y + spread}, colours().shadow,
                       Metrics::kRadius + spread);
  }
  list.AddRectFilled(from, to, colours().accent, Metrics::kRadius);
  draw_text_in(list, fonts().strong, from, to, 0.5F, colours().on_accent, words);
}

// Above the group: straight down where the widget is in its first row, else down the gap at the widget's left.
void point_from_above(const Place& place, const Place& group, std::string_view words, float sway) {
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  constexpr float kHead = 7.0F;
  constexpr float kStem = 4.0F;
  const ImVec2 size = text_size(words, fonts().strong);
  const ImVec2 bubble{size.x + 28.0F, size.y + 10.0F};
  const bool first_row = place.from.y - group.from.y < 2.0F;
  const float x = first_row ? (place.from.x + place.to.x) / 2 : place.from.x - kStem / 2;
  // Within the group where it is as wide, else within the window.
  const bool inside = group.to.x - group.from.x >= bubble.x;
  const float first = inside ? group.from.x : ImGui::GetMainViewport()->Pos.x + 8.0F;
  const float last = inside ? group.to.x : ImGui::GetMainViewport()->Pos.x + ImGui::GetMainViewport()->Size.x - 8.0F;
  const float left = std::clamp(x - bubble.x / 2, first, std::max(first, last - bubble.x));
  const float foot = group.from.y - kHead - 1.0F + (first_row ? sway / 2 : 0.0F);
  draw_bubble(list, {left, foot - bubble.y}, {left + bubble.x, foot}, words);
  if (first_row) {
    list.AddTriangleFilled({x - kHead, foot - 1}, {x + kHead, foot - 1}, {x, foot + kHead}, colours().accent);
    return;
  }
  const float y = (place.from.y + place.to.y) / 2;
  list.AddLine({x, foot - 1}, {x, y + kHead}, colours().accent, kStem);
  const float back = place.from.x - 1.0F;
  list.AddTriangleFilled({back, y - kHead}, {back + kHead + 3.0F + sway / 2, y}, {back, y + kHead}, colours().accent);
}

}  // namespace

void point_at(std::string_view id, std::string_view words, double seconds, std::string_view group) {
  constexpr double kNodding = 2.5;
  const auto place = context().rects.find(id);
  if (!place || !place->visible) return;
  // It is drawn above everything, and what is open above the page must not be covered.
  if (ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
  // It nods towards the widget when it appears, unless motion is unwelcome, and then rests: a page at rest costs
  // nothing.
  const double left = context().reduced_motion ? 0.0 : std::max(0.0, 1.0 - seconds / kNodding);
  const auto sway = static_cast<float>(4.0 * left * std::sin(seconds * 6.0));
  if (left > 0.0) context().animating = true;
  point_from_above(*place, context().rects.find(group).value_or(*place), words, sway);
}

}  // namespace weightroom::ui
