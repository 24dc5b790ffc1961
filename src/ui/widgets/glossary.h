#pragma once

#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// Twelve words of the field, each underlined with dots where it stands first on the screen, and explained in one
// sentence to who points at it or taps it. `lines` as they are drawn at `at`; what stands in a control, a tooltip or a
// list is left alone. Noted as "term/weight", by its English name.
void mark_terms(ImDrawList& list, ImFont* font, ImVec2 at, std::string_view lines);

}  // namespace weightroom::ui
