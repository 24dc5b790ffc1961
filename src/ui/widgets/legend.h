#pragma once

#include <string_view>

#include <imgui.h>

#include "gfx/colour.h"

namespace weightroom::ui {

// The diverging scale on a line with its numbers: −scale, a bar with a mark at 0, +scale. As wide as the room.
void legend(std::string_view id, double scale, gfx::Ground ground);

// Its bar alone, for places with labels of their own.
void draw_scale_bar(ImDrawList& list, ImVec2 from, ImVec2 to, gfx::Ground ground);

}  // namespace weightroom::ui
