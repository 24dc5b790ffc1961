#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

// The slider of the selected weight, which must be there, with which weight it is for a label.
void draw_lit_slider(const View& view, const UiState& ui, CommandQueue& commands);

}  // namespace weightroom::ui
