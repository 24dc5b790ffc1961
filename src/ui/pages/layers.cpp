// The page Layers: the network in data order, and the wall of the selected layer's weights.
#include "ui/pages/page.h"

namespace weightroom::ui {

void layers_panel(const View& view, UiState& ui, CommandQueue& commands) {
  panel("network").draw(view, ui, commands);
  panel("weight_wall").draw(view, ui, commands);
}

}  // namespace weightroom::ui
