#pragma once

#include "ui/panel.h"

// The two halves of the page Trust.
namespace weightroom::ui {

// Does a map depend on what the network has learned?
void draw_sanity(const View& view, float width);
// Does it find what counts?
void draw_faithfulness(const View& view, float width);

}  // namespace weightroom::ui
