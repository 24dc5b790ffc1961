#pragma once

#include "ui/ui_state.h"

namespace weightroom::ui {

// From now on, and at the next visit.
void open_whole_bench(UiState& ui);

}  // namespace weightroom::ui
