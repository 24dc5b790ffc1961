#pragma once

#include "studies/curves.h"
#include "ui/panel.h"

namespace weightroom::ui {

// Colours over the values of two weights; a click gives them those of a place.
void draw_plane(const View& view, const studies::Curves& curves, float width, CommandQueue& commands);

}  // namespace weightroom::ui
