#include "ui/widgets/legend.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <imgui.h>

#include "ui/context.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

std::string scale_text(double value) {
  const double size = std::fabs(value);
  if (size != 0.0 && (size < 0.001 || size >= 10000.0)) return short_number(size);
  return decimal(size, size >= 100.0 ? 0 : size >= 1.0 ? 2 : 3);
}

}  // namespace

void draw_scale_bar(ImDrawList& list, ImVec2 from, ImVec2 to, gfx::Ground ground) {
  const float radius = std::min(4.0F, (to.y - from.y) / 2);
  // Over a picture strength is opacity: shown here over a mid grey, as over a photograph.
  if (ground == gfx::Ground::picture)
    list.AddRectFilled(from, to, theme().mode == Mode::dark ? IM_COL32(84, 88, 95, 255) : IM_COL32(208, 206, 200, 255),
                       radius);
  const auto colour = [&](float share) { return to_u32(gfx::diverging(share * 2.0F - 1.0F, ground)); };
  // Rounded ends of one colour; between them steps fine enough for the eye, the middle one exactly zero.
  const float left = from.x + radius;
  const float right = to.x - radius;
  list.AddRectFilled(from, {left, to.y}, colour(0.0F), radius, ImDrawFlags_RoundCornersLeft);
  list.AddRectFilled({right, from.y}, to, colour(1.0F), radius, ImDrawFlags_RoundCornersRight);
  constexpr int kSteps = 64;
  for (int i = 0; i < kSteps; ++i) {
    const float a = static_cast<float>(i) / kSteps;
    const float b = static_cast<float>(i + 1) / kSteps;
    list.AddRectFilledMultiColor({left + a * (right - left), from.y}, {left + b * (right - left), to.y}, colour(a),
                                 colour(b), colour(b), colour(a));
  }
}

void legend(std::string_view id, double scale, gfx::Ground ground) {
  constexpr float kBar = 12.0F;
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 to{from.x + width, from.y + font_height(fonts().body)};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string least = "−" + scale_text(scale);
  const std::string most = "+" + scale_text(scale);
  const float side = std::max(text_size(least, fonts().body).x, text_size(most, fonts().body).x) + 8.0F;
  const float top = (from.y + to.y - kBar) / 2;
  draw_text_in(list, fonts().body, from, to, 0.0F, colours().ink, least);
  draw_text_in(list, fonts().body, from, to, 1.0F, colours().ink, most);
  draw_scale_bar(list, {from.x + side, top}, {to.x - side, top + kBar}, ground);
  list.AddLine({from.x + width / 2, top - 2.0F}, {from.x + width / 2, top + kBar + 2.0F}, colours().quiet);
  ImGui::Dummy({width, to.y - from.y});
  note_item(id);
}

}  // namespace weightroom::ui
