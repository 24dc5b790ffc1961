#pragma once

#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// Of the last item: one or two sentences after a moment's rest.
void tooltip(std::string_view words);

// At once, beside a part of what is drawn.
void tooltip_beside(std::string_view words, ImVec2 from, ImVec2 to);

// A larger one to be filled with text() and formula(); true while it is open:
//   if (begin_tooltip()) { text("..."); formula("z = 0.5 × 0.8 + ..."); end_tooltip(); }
[[nodiscard]] bool begin_tooltip(bool at_once = false);
void end_tooltip();
// A formula with its numbers in it, set apart on a tinted strip.
void formula(std::string_view words);

}  // namespace weightroom::ui
