#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

// The slider of the selected weight, which must be there; `named`: its label says which weight it is.
void draw_lit_slider(const View& view, CommandQueue& commands, bool named = false);

}  // namespace weightroom::ui
