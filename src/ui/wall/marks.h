#pragma once

#include <optional>
#include <string_view>

#include "ui/panel.h"
#include "ui/wall/layout.h"

namespace weightroom::ui::wall {

// Over the tiles: edited weights, the lit one, what is pointed at, the part that would be changed (a region, or empty);
// and the places that scripts and lessons may ask for. False where more weights have changed than it could mark.
bool draw_marks(const View& view, const Layout& layout, const Window& window, const std::optional<Cell>& pointed,
                std::string_view part, ImVec2 from, ImVec2 to);

}  // namespace weightroom::ui::wall
