#pragma once

#include "ui/panel.h"

// The parts of the page Accuracy, each a card; a set is open and measured when they are drawn.
namespace weightroom::ui {

void draw_confusion(const View& view, UiState& ui, CommandQueue& commands);
void draw_cell_pictures(const View& view, UiState& ui, CommandQueue& commands);
void draw_reliability(const View& view);

}  // namespace weightroom::ui
