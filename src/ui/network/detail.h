#pragma once

#include "ui/network/words.h"

namespace weightroom::ui::network {

// One channel large, with the numbers of the place under the pointer (of its strongest place where there is none).
void draw_detail(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size);

}  // namespace weightroom::ui::network
