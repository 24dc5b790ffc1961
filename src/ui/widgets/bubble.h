#pragma once

#include <string_view>

namespace weightroom::ui {

// A bubble with words and an arrow to the widget of that id, as drawn in the last frame: the opening words, and what a
// lesson will use; `seconds` since it was first shown. Nothing where the widget is not on the screen. The bubble stands
// above the widget, or, where that is one of a group, above the whole `group`: its arrow then runs between the others,
// so that no other number is covered.
void point_at(std::string_view id, std::string_view words, double seconds, std::string_view group = {});

}  // namespace weightroom::ui
