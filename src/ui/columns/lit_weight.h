#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

// The slider of the selected weight, which must be there, with which weight it is for a label.
void draw_lit_slider(const View& view, const UiState& ui, CommandQueue& commands);

// In words, as numbers, with its slider: the selected weight, which must be there.
void draw_kernel(const View& view, UiState& ui, CommandQueue& commands, float width);

}  // namespace weightroom::ui
