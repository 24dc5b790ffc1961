#include "ui/widgets/scale_line.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ui/context.h"
#include "ui/widgets/common.h"
#include "ui/widgets/legend.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {

std::string signed_short(double value) {
  const std::string words = short_number(static_cast<float>(value));
  return value > 0.0 ? "+" + words : words;
}

void scale_line(ImDrawList& list, ImVec2 from, float bar, float scale, float right,
                std::initializer_list<std::string_view> words) {
  constexpr float kBar = 8.0F;
  const ImU32 ink = colours().quiet;
  const float bottom = from.y + kScaleLine;
  const std::string size = short_number(scale);
  const float number = text_size("−" + size, fonts().small).x;
  draw_text_in(list, fonts().small, from, {from.x + number, bottom}, 0.0F, ink, scale > 0 ? "−" + size : size);
  const float left = from.x + number + 6.0F;
  const float top = from.y + (kScaleLine - kBar) / 2;
  draw_scale_bar(list, {left, top}, {left + bar, top + kBar}, theme().ground());
  const float plus = left + bar + 6.0F;
  draw_text_in(list, fonts().small, {plus, from.y}, {plus + number, bottom}, 0.0F, ink, scale > 0 ? "+" + size : size);
  const float after = plus + number + 12.0F;
  for (std::string_view sentence : words) {
    if (after + text_size(sentence, fonts().body).x > right) continue;
    draw_text_in(list, fonts().body, {after, from.y}, {right, bottom}, 0.0F, ink, sentence);
    break;
  }
}

float largest(std::span<const float> values) {
  float most = 0.0F;
  for (float value : values) most = std::max(most, std::abs(value));
  return most;
}

}  // namespace weightroom::ui
