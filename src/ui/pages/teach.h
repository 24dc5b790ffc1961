#pragma once

#include "ui/panel.h"
#include "ui/widgets/button.h"

// The parts of the page Teach, each a card.
namespace weightroom::ui {

// Of a class, by its place; the same wherever it is told from others.
[[nodiscard]] ImU32 class_colour(std::size_t of_class);
// A picture as large as `side`, to be pressed. What is not decoded yet comes in one of the next frames.
Area taught_picture(const View& view, std::string_view id, const teach::TaughtPicture& picture, float side);
void draw_taught_picture(const View& view, const teach::TaughtPicture& picture, ImVec2 from, float side);

void draw_taught_classes(const View& view, UiState& ui, CommandQueue& commands);
void draw_learnt(const View& view, CommandQueue& commands);
void draw_made_of(const View& view, CommandQueue& commands);

}  // namespace weightroom::ui
