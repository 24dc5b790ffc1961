#include "ui/touch_scroll.h"

#include <algorithm>
#include <cmath>

#include <imgui.h>
#include <imgui_internal.h>

#include "ui/context.h"

namespace weightroom::ui {
namespace {

constexpr float kDecided = 8.0F;      // points of way after which a drag is a drag
constexpr float kGlide = 0.32F;       // seconds in which a glide loses two thirds of its speed
constexpr float kStandstill = 24.0F;  // points a second

// The nearest window around the touched one that can go this way.
ImGuiWindow* scrollable(ImGuiWindow* window, bool sideways) {
  for (; window != nullptr; window = window->ParentWindow) {
    if ((sideways ? window->ScrollMax.x : window->ScrollMax.y) > 0.0F) return window;
    if ((window->Flags & ImGuiWindowFlags_ChildWindow) == 0) return nullptr;
  }
  return nullptr;
}

void decide(TouchDrag& drag, ImVec2 moved) {
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  const bool sideways = std::fabs(moved.x) > std::fabs(moved.y);
  const bool kept = drag.kept != 0 && drag.kept == g.ActiveId;
  if (kept && (sideways || !drag.kept_sideways)) {
    drag.finger = Finger::widget;
    return;
  }
  drag.finger = Finger::scrolls;
  drag.sideways = sideways;
  ImGuiWindow* window = scrollable(drag.touched == 0 ? nullptr : ImGui::FindWindowByID(drag.touched), sideways);
  drag.window = window == nullptr ? 0 : window->ID;
  // A button under a finger that moves on is no longer pressed.
  if (window != nullptr) ImGui::ClearActiveID();
}

void scroll(TouchDrag& drag, float way) {
  ImGuiWindow* window = drag.window == 0 ? nullptr : ImGui::FindWindowByID(drag.window);
  if (window == nullptr) return;
  if (drag.sideways) {
    ImGui::SetScrollX(window, std::clamp(window->Scroll.x - way, 0.0F, window->ScrollMax.x));
  } else {
    ImGui::SetScrollY(window, std::clamp(window->Scroll.y - way, 0.0F, window->ScrollMax.y));
  }
}

void glide(TouchDrag& drag) {
  const float seconds = ImGui::GetIO().DeltaTime;
  if (drag.window == 0 || std::fabs(drag.speed) < kStandstill || context().reduced_motion) {
    drag = {};
    return;
  }
  scroll(drag, drag.speed * seconds);
  drag.speed *= std::exp(-seconds / kGlide);
  context().animating = true;
}

}  // namespace

void keeps_finger(bool sideways) {
  if (!ImGui::IsItemActive()) return;
  context().drag.kept = ImGui::GetItemID();
  context().drag.kept_sideways = sideways;
}

void scroll_by_finger() {
  Context& c = context();
  TouchDrag& drag = c.drag;
  const ImGuiIO& io = ImGui::GetIO();
  if (!c.touch || !io.MouseDown[0]) {
    if (drag.finger == Finger::scrolls) {
      glide(drag);
    } else {
      drag = {};
    }
    return;
  }
  if (ImGui::IsMouseClicked(0)) {
    drag = {};
    const ImGuiWindow* hovered = ImGui::GetCurrentContext()->HoveredWindow;
    drag.touched = hovered == nullptr ? 0 : hovered->ID;
  }
  const ImVec2 moved = ImGui::GetMouseDragDelta(0, kDecided);
  if (drag.finger == Finger::undecided && (moved.x != 0.0F || moved.y != 0.0F)) decide(drag, moved);
  if (drag.finger != Finger::scrolls) return;
  const float way = drag.sideways ? io.MouseDelta.x : io.MouseDelta.y;
  scroll(drag, way);
  if (io.DeltaTime > 0.0F) drag.speed = std::lerp(drag.speed, way / io.DeltaTime, 0.5F);
}

}  // namespace weightroom::ui
