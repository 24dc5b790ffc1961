#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <imgui.h>

#include "ui/widgets/slider.h"

namespace weightroom::ui {

// A number on its own colour, to be dragged (sideways or up and down), typed (double click, Enter, or a tap on a touch
// screen), nudged by wheel or arrow keys.
struct NumberCell {
  double value = 0.0;
  double scale = 1.0;              // the colour spans -scale .. +scale
  double range = 1.0;              // a drag of 200 points goes through 2 x range; values stay within -range .. +range
  std::optional<double> before{};  // as loaded: a corner marks a cell that differs
  bool lit = false;
  ImVec2 size{72.0F, 44.0F};
};

struct CellChange : Change {
  double value = 0.0;
  bool selected = false;  // clicked, tapped or reached by key
  bool hovered = false;
  std::optional<std::string> typed{};  // as a person typed it, unparsed: hand it on, refuse it with a sentence
};

[[nodiscard]] CellChange number_cell(std::string_view id, const NumberCell& cell);

// A number that is only typed, in a box of this size: by a click, a tap or Enter. Gives what was typed, unparsed.
[[nodiscard]] std::optional<std::string> number_field(std::string_view id, double value, ImVec2 size);

// The same of words, such as a name; quiet until the pointer is on it.
[[nodiscard]] std::optional<std::string> text_field(std::string_view id, std::string_view words, ImVec2 size);

}  // namespace weightroom::ui
