#pragma once

#include <string_view>

#include <imgui.h>

#include "gfx/colour.h"

namespace weightroom::ui {

// The diverging scale with its numbers: −scale, 0, +scale, and what the two ends mean. As wide as the room.
void legend(std::string_view id, double scale, gfx::Ground ground, std::string_view negative = {},
            std::string_view positive = {});

// Its bar alone, for places with labels of their own.
void draw_scale_bar(ImDrawList& list, ImVec2 from, ImVec2 to, gfx::Ground ground);

}  // namespace weightroom::ui
