#pragma once

#include "ui/panel.h"
#include "ui/wall/layout.h"

namespace weightroom::ui::wall {

inline constexpr float kHeader = 20.0F;  // above the tiles, for their columns' names
inline constexpr float kMargin = 8.0F;   // inside the canvas

// Points that the names of a layer's rows take.
[[nodiscard]] float gutter_of(const document::Document& document, int node);
// Names of rows (output channels, classes) and columns (input channels, bias); they stay in sight when the wall is
// panned.
void draw_labels(const document::Document& document, const Layout& layout, const Window& window, ImVec2 from,
                 ImVec2 to);

}  // namespace weightroom::ui::wall
