#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

// The whole picture in a square room of `side` points, with the square that the model gets: a drag moves it, a corner
// or the wheel or two fingers size it, arrow keys move it and + and - size it.
void draw_crop_editor(const View& view, ImVec2 from, float side, CommandQueue& commands);

// What to do there, and the way out; true when it was taken.
[[nodiscard]] bool crop_tools(float width);

}  // namespace weightroom::ui
