#include "ui/widgets/legend.h"

#include <imgui.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "ui/context.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

std::string scale_text(double value) {
  const double size = std::fabs(value);
  if (size != 0.0 && (size < 0.001 || size >= 10000.0)) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1e", size);
    return text.data();
  }
  return decimal(size, size >= 100.0 ? 0 : size >= 1.0 ? 2 : 3);
}

void draw_scale(ImDrawList& list, ImVec2 from, ImVec2 to, gfx::Ground ground) {
  // Over a picture strength is opacity: shown here over a mid grey, as over a photograph.
  if (ground == gfx::Ground::picture) list.AddRectFilled(from, to, theme().mode == Mode::dark ? IM_COL32(70, 74, 80, 255) : IM_COL32(214, 212, 206, 255), 4.0F);
  constexpr int kSteps = 64;
  const float each = (to.x - from.x) / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    const auto colour = [&](int at) { return to_u32(gfx::diverging(static_cast<float>(at) / kSteps * 2.0F - 1.0F, ground)); };
    const float x = from.x + each * static_cast<float>(i);
    list.AddRectFilledMultiColor({x, from.y}, {x + each, to.y}, colour(i), colour(i + 1), colour(i + 1), colour(i));
  }
  const float middle = (from.x + to.x) / 2;
  list.AddLine({middle, to.y}, {middle, to.y + 4}, colours().faint);
  list.AddRect(from, to, colours().line, 3.0F);
}

}  // namespace

void legend(std::string_view id, double scale, gfx::Ground ground, std::string_view negative, std::string_view positive) {
  constexpr float kBar = 12.0F;
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().body);
  float y = from.y;
  if (!negative.empty() || !positive.empty()) {
    draw_text(list, fonts().body, {from.x, y}, colours().quiet, negative);
    draw_text_in(list, fonts().body, {from.x, y}, {from.x + width, y + line}, 1.0F, colours().quiet, positive);
    y += line + 4.0F;
  }
  draw_scale(list, {from.x, y}, {from.x + width, y + kBar}, ground);
  y += kBar + 4.0F;
  draw_text(list, fonts().body, {from.x, y}, colours().ink, "−" + scale_text(scale));
  draw_text_in(list, fonts().body, {from.x, y}, {from.x + width, y + line}, 0.5F, colours().ink, "0");
  draw_text_in(list, fonts().body, {from.x, y}, {from.x + width, y + line}, 1.0F, colours().ink, "+" + scale_text(scale));
  ImGui::Dummy({width, y + line - from.y});
  note_item(id);
}

}  // namespace weightroom::ui
