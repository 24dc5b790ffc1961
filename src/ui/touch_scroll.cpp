#include "ui/touch_scroll.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <cmath>

#include "ui/context.h"

namespace weightroom::ui {

void keeps_finger() {
  if (ImGui::IsItemActive()) context().finger_kept = ImGui::GetItemID();
}

void scroll_by_finger() {
  Context& c = context();
  const ImGuiIO& io = ImGui::GetIO();
  ImGuiWindow& window = *ImGui::GetCurrentWindow();
  if (!c.touch || !io.MouseDown[0]) {
    if (!io.MouseDown[0]) c.finger_kept = 0;
    return;
  }
  ImGuiContext& g = *ImGui::GetCurrentContext();
  if (c.finger_kept != 0 && c.finger_kept == g.ActiveId) return;
  const ImVec2 start = io.MouseClickedPos[0];
  if (!window.InnerRect.Contains(start) || window.ScrollMax.y <= 0.0F) return;
  const ImVec2 moved = ImGui::GetMouseDragDelta(0, 8.0F);
  if (moved.y == 0.0F && moved.x == 0.0F) return;
  // A button under a finger that moves on is no longer pressed.
  if (g.ActiveId != 0 && g.ActiveId != window.MoveId && std::fabs(moved.y) > std::fabs(moved.x)) ImGui::ClearActiveID();
  ImGui::SetScrollY(&window, window.Scroll.y - io.MouseDelta.y);
}

}  // namespace weightroom::ui
