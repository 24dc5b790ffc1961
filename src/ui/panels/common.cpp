#include "ui/panels/common.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ui/context.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {

std::string class_label(const lab::Document& document, int index) {
  const auto i = static_cast<std::size_t>(index);
  if (index < 0 || i >= document.model->labels.size()) return "class " + std::to_string(index);
  std::string label = document.model->labels[i];
  std::ranges::replace(label, '_', ' ');  // folder names have no blanks
  return label;
}

std::string percent(double share) {
  char buffer[24];
  if (share > 0.0 && share < 0.001) return "< 0.1 %";
  std::snprintf(buffer, sizeof(buffer), "%.1f %%", 100.0 * share);
  return buffer;
}

std::string grouped(std::size_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string weight_id(const nn::Graph& graph, nn::WeightRef ref) {
  std::string name = nn::format_weight_ref(graph, ref);
  const std::size_t bracket = name.find('[');
  const std::size_t dot = name.rfind('.', bracket);
  std::string id = name.substr(dot + 1, bracket - dot - 1) + "/" + name.substr(0, dot) + "/" + name.substr(bracket + 1);
  id.pop_back();
  for (char& ch : id) ch = ch == ',' ? '/' : ch;
  return id;
}

void point_at(std::string_view id, std::string_view words, double seconds) {
  constexpr double kNodding = 2.5;
  const auto place = context().rects.find(id);
  if (!place || !place->visible) return;
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  constexpr ImVec2 kPad{16.0F, 11.0F};
  const ImVec2 size = text_size(words, fonts().strong);
  // It nods towards the widget when it appears, unless motion is unwelcome, and then rests: a page at rest costs
  // nothing.
  const double left = context().reduced_motion ? 0.0 : std::max(0.0, 1.0 - seconds / kNodding);
  const float sway = static_cast<float>(4.0 * left * std::sin(seconds * 6.0));
  if (left > 0.0) context().animating = true;
  constexpr float kArrow = 11.0F;
  const ImVec2 bubble{size.x + 2 * kPad.x, size.y + 2 * kPad.y};
  const bool beside = place->from.x - kArrow - bubble.x - 8.0F >= ImGui::GetMainViewport()->Pos.x;
  // At its left where there is room, else from below.
  const ImVec2 tip = beside ? ImVec2{place->from.x - 4.0F + sway, (place->from.y + place->to.y) / 2}
                            : ImVec2{(place->from.x + place->to.x) / 2, place->to.y + 4.0F - sway};
  const ImVec2 from = beside ? ImVec2{tip.x - kArrow - bubble.x, tip.y - bubble.y / 2}
                             : ImVec2{std::max(8.0F, tip.x - bubble.x / 2), tip.y + kArrow};
  const ImVec2 to{from.x + bubble.x, from.y + bubble.y};
  for (int i = 3; i >= 1; --i) {
    const auto spread = static_cast<float>(i) * 2.0F;
    list.AddRectFilled({from.x - spread / 2, from.y}, {to.x + spread / 2, to.y + spread}, colours().shadow,
                       Metrics::kRadius + spread);
  }
  list.AddRectFilled(from, to, colours().accent, Metrics::kRadius);
  if (beside) {
    list.AddTriangleFilled({to.x - 1, tip.y - kArrow}, tip, {to.x - 1, tip.y + kArrow}, colours().accent);
  } else {
    list.AddTriangleFilled({tip.x - kArrow, from.y + 1}, {tip.x + kArrow, from.y + 1}, tip, colours().accent);
  }
  draw_text_in(list, fonts().strong, from, to, 0.5F, colours().on_accent, words);
}

}  // namespace weightroom::ui
