#pragma once

#include <string>

#include "ui/panel.h"

// The parts of the page Accuracy, each a card; a set is open and measured when they are drawn.
namespace weightroom::ui {

// What stands on a page that needs a labelled set while none is open; `body`: what the set would show.
void draw_invitation(const View& view, CommandQueue& commands, Text title, Text body);
void draw_confusion(const View& view, UiState& ui, CommandQueue& commands);
void draw_cell_pictures(const View& view, UiState& ui, CommandQueue& commands);
void draw_reliability(const View& view);
// A cell of the confusion matrix: "cat: recognised", "cat mistaken for dog".
[[nodiscard]] std::string cell_words(const document::Document& document, int truth, int answer);

}  // namespace weightroom::ui
