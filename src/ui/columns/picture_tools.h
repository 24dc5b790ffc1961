#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

// The list of samples and one's own pictures, and the button for another one.
void draw_samples(const View& view, CommandQueue& commands);

}  // namespace weightroom::ui
