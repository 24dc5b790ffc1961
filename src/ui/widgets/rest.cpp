#include "ui/widgets/rest.h"

#include <imgui.h>

#include "ui/context.h"

namespace weightroom::ui {

bool came_to_rest(bool stepped, bool here) {
  constexpr double kMoment = 0.4;  // seconds: longer than the pause before a held key repeats
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID moving = ImGui::GetID("moving");
  const ImGuiID since = ImGui::GetID("since");
  const auto now = static_cast<float>(ImGui::GetTime());
  if (stepped) {
    storage.SetBool(moving, true);
    storage.SetFloat(since, now);
  }
  if (!storage.GetBool(moving)) return false;
  bool other = !here || ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  other = other || ImGui::GetIO().KeyCtrl || ImGui::GetIO().KeySuper;
  for (const ImGuiKey key : {ImGuiKey_Enter, ImGuiKey_KeypadEnter, ImGuiKey_Space, ImGuiKey_Tab}) {
    other = other || ImGui::IsKeyPressed(key, false);
  }
  if (!stepped && (other || static_cast<double>(now - storage.GetFloat(since)) > kMoment)) {
    storage.SetBool(moving, false);
    return true;
  }
  context().animating = true;
  return false;
}

}  // namespace weightroom::ui
