#pragma once

#include <imgui.h>

namespace weightroom::ui {

// Before EndChild() of a window that scrolls: where it goes on below, its foot fades into `ground`, so that what is cut
// there reads as "more" and not as a mistake.
void hint_at_more_below(ImU32 ground);

}  // namespace weightroom::ui
