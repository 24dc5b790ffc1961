#pragma once

#include "ui/network/layout.h"
#include "ui/network/words.h"

namespace weightroom::ui::network {

// The layers side by side in data order, scrolled by wheel, drag and keys.
void draw_strip(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size);

// The whole network in one glance, in `size` points: a slab for each layer, as high as its maps and as thick as they
// are many. A click chooses the layer.
void draw_overview(const View& view, CommandQueue& commands, ImVec2 size);

}  // namespace weightroom::ui::network
