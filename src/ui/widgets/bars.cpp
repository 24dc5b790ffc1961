#include "ui/widgets/bars.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

std::string points(double difference) {
  const std::string number = decimal(std::fabs(difference) * 100.0, 1);
  return (difference < 0 ? "−" : "+") + number;
}

void draw_share(ImDrawList& list, ImVec2 from, ImVec2 to, const ClassBar& bar) {
  const float radius = (to.y - from.y) / 2;
  const float whole = to.x - from.x;
  const auto x_of = [&](double share) { return from.x + whole * static_cast<float>(std::clamp(share, 0.0, 1.0)); };
  list.AddRectFilled(from, to, colours().track, radius);
  const ImU32 fill = bar.target ? colours().accent : blend(colours().accent, colours().track, 0.45F);
  // Rounded ends would make small shares look larger than they are: the bar is cut by the track's own rounding.
  const float x = x_of(bar.share);
  if (x > from.x + 0.25F) {
    list.PushClipRect(from, {x, to.y}, true);
    list.AddRectFilled(from, to, fill, radius);
    list.PopClipRect();
  }
  if (!bar.ghost) return;
  const float g = x_of(*bar.ghost);
  const float low = std::min(g, x);
  const float high = std::max(g, x);
  if (g > x) {
    // What was lost: hatched.
    list.PushClipRect({low, from.y}, {high, to.y}, true);
    constexpr float kStep = 5.0F;
    const float first = low - (to.y - from.y);
    const int lines = static_cast<int>(std::ceil((high - first) / kStep));
    for (int i = 0; i < lines; ++i) {
      const float h = first + static_cast<float>(i) * kStep;
      list.AddLine({h, to.y}, {h + (to.y - from.y), from.y}, with_alpha(colours().quiet, 0.55F), 1.0F);
    }
    list.PopClipRect();
  }
  list.AddLine({g, from.y - 3}, {g, to.y + 3}, colours().ink, 2.0F);
}

}  // namespace

bool class_bar(std::string_view id, const ClassBar& bar) {
  const float width = ImGui::GetContentRegionAvail().x;
  const float height = context().touch ? 48.0F : 42.0F;
  const Area at = area(id, {width, height});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 ground_from{at.from.x - 8, at.from.y};
  const ImVec2 ground_to{at.to.x + 8, at.to.y};
  // The ground reaches into the margins, past the edges of a list that scrolls.
  list.PushClipRect({ground_from.x, list.GetClipRectMin().y}, {ground_to.x, list.GetClipRectMax().y});
  if (bar.target) list.AddRectFilled(ground_from, ground_to, colours().accent_soft, Metrics::kRound);
  if (at.hovered && !bar.target) list.AddRectFilled(ground_from, ground_to, colours().control, Metrics::kRound);
  list.PopClipRect();
  const float line = at.from.y + 5.0F;
  const float under = line + font_height(fonts().body);
  const std::string share = percent(bar.share);
  const float share_width = text_size(percent(1.0), fonts().strong).x;
  float right = at.to.x;
  draw_text_in(list, bar.top ? fonts().strong : fonts().body, {right - share_width, line}, {right, under}, 1.0F,
               colours().ink, share);
  right -= share_width + 10.0F;
  if (bar.ghost && std::fabs(bar.share - *bar.ghost) >= 0.0005) {
    const double change = bar.share - *bar.ghost;
    const std::string words = points(change);
    const float w = text_size(words, fonts().strong).x;
    draw_text_in(list, fonts().strong, {right - w, line}, {right, under}, 1.0F,
                 change > 0 ? colours().rise : colours().fall, words);
    right -= w + 8.0F;
  }
  ImFont* font = bar.top ? fonts().strong : fonts().body;
  draw_text(list, font, {at.from.x, line}, colours().ink, shortened(bar.label, right - at.from.x, font));
  draw_share(list, {at.from.x, at.to.y - 14.0F}, {at.to.x, at.to.y - 6.0F}, bar);
  draw_focus(list, {ground_from, ground_to, false, false, false, at.focused}, Metrics::kRound);
  return at.pressed;
}

void draw_progress(ImDrawList& list, ImVec2 from, ImVec2 to, double progress) {
  const float rounding = (to.y - from.y) / 2;
  list.AddRectFilled(from, to, colours().track, rounding);
  float low = 0.0F;
  float high = static_cast<float>(std::clamp(progress, 0.0, 1.0));
  if (progress < 0) {
    const float t = context().reduced_motion ? 0.5F : static_cast<float>(std::fmod(ImGui::GetTime() * 0.7, 1.0));
    low = std::max(0.0F, t * 1.3F - 0.3F);
    high = std::min(1.0F, t * 1.3F);
    context().animating = true;
  }
  const float width = to.x - from.x;
  if (high > low)
    list.AddRectFilled({from.x + low * width, from.y}, {from.x + high * width, to.y}, colours().accent, rounding);
}

void progress_bar(std::string_view id, double progress, float width) {
  constexpr float kHeight = 6.0F;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  draw_progress(*ImGui::GetWindowDrawList(), from, {from.x + width, from.y + kHeight}, progress);
  ImGui::Dummy({width, kHeight});
  note_item(id);
}

void progress_ring(double progress, float size) {
  constexpr float kPi = std::numbers::pi_v<float>;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 centre{from.x + size / 2, from.y + size / 2};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = size / 2 - 1.5F;
  list.AddCircle(centre, radius, colours().track, 32, 3.0F);
  list.PathArcTo(centre, radius, -kPi / 2, -kPi / 2 + 2 * kPi * static_cast<float>(std::clamp(progress, 0.02, 1.0)),
                 32);
  list.PathStroke(colours().accent, ImDrawFlags_None, 3.0F);
  ImGui::Dummy({size, size});
}

}  // namespace weightroom::ui
