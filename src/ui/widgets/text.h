#pragma once

#include <string>
#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

enum class Role { body, strong, title, display, quiet, faint, accent, danger };

// One line, or with `wrap` as many as the width asks for.
void text(std::string_view words, Role role = Role::body, bool wrap = false);
// Shortened with an ellipsis to fit `width`; the whole in a tooltip.
void text_fitted(std::string_view words, float width, Role role = Role::body);

// With an ellipsis at its end where it is wider than `width`.
[[nodiscard]] std::string shortened(std::string_view words, float width, ImFont* font);

// In one line, or with `wrap` above 0 in lines of that width.
[[nodiscard]] ImVec2 text_size(std::string_view words, ImFont* font, float wrap = 0.0F);
// Lines no wider than that, broken at spaces alone, and not before a unit: "3,620" and "65.2 %" stay whole, which ImGui
// would part. A word wider than a line is left as it is.
[[nodiscard]] std::string wrapped(std::string_view words, float width, ImFont* font);
// Straight into a draw list; returns the width.
float draw_text(ImDrawList& list, ImFont* font, ImVec2 at, ImU32 colour, std::string_view words);
// 0: left of `from`..`to`, 0.5: in its middle, 1: right; always in the middle of its height.
void draw_text_in(ImDrawList& list, ImFont* font, ImVec2 from, ImVec2 to, float align, ImU32 colour,
                  std::string_view words);
// Turned, to be read from below: `foot` is the lower left corner, and it goes up from there.
void draw_text_up(ImDrawList& list, ImFont* font, ImVec2 foot, ImU32 colour, std::string_view words);
[[nodiscard]] float font_height(const ImFont* font);  // in points

}  // namespace weightroom::ui
