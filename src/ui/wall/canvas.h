#pragma once

#include "ui/wall/layout.h"
#include "ui/wall/values.h"

namespace weightroom::ui::wall {

// What the legend under the canvas tells.
struct Scales {
  float tiles = 0.0F;
  float vectors = 0.0F;
  bool unmarked = false;  // more weights have changed than can be marked at this size
};

// Buttons and keys that work on the canvas from outside it.
enum class Ask { nothing, fit, closer, farther };

// Every weight of the chosen layer on a canvas to be zoomed and panned. Requires a layer with weights.
Scales draw_canvas(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size, Ask ask);

}  // namespace weightroom::ui::wall
