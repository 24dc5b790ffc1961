#pragma once

#include <imgui.h>

namespace weightroom::ui {

// How the screen is laid out: by the window's size alone.
enum class Layout {
  columns,  // picture, page, answer
  pair,     // answer and kernel, always in sight, beside the page or the picture
  low,      // the same under one bar, where hardly any height is left
  tabs,     // one column at a time, with the answer and the selected weight in sight
};
[[nodiscard]] Layout layout();

// Whether the page's column is too narrow for tables with all their columns.
[[nodiscard]] bool narrow_page();
// Whether the lines across the window have room for pictures of things alone, not for their words.
[[nodiscard]] bool narrow_window();

// Of the columns beside the page, in points.
[[nodiscard]] float side_width();

}  // namespace weightroom::ui
