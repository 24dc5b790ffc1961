#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// With its sign, also where that is a plus.
[[nodiscard]] std::string signed_short(double value);

// The diverging scale on one line of kScaleLine points: −scale, a bar, +scale in small figures; then words in what room
// is left up to `right`, the first of them that fit.
inline constexpr float kScaleLine = 20.0F;
void scale_line(ImDrawList& list, ImVec2 from, float bar, float scale, float right,
                std::initializer_list<std::string_view> words = {});

// The largest value without sign; 0 of nothing.
[[nodiscard]] float largest(std::span<const float> values);

}  // namespace weightroom::ui
