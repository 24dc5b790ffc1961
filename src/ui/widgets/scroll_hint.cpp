#include "ui/widgets/scroll_hint.h"

#include <algorithm>

#include "ui/theme.h"

namespace weightroom::ui {

void hint_at_more_below(ImU32 ground) {
  constexpr float kFade = 40.0F;
  const float more = ImGui::GetScrollMaxY() - ImGui::GetScrollY();
  if (more < 1.0F) return;
  const ImVec2 from = ImGui::GetWindowPos();
  const ImVec2 to{from.x + ImGui::GetWindowWidth(), from.y + ImGui::GetWindowHeight()};
  const float top = to.y - std::min(kFade, more + 4.0F);
  const ImU32 none = with_alpha(ground, 0.0F);
  ImGui::GetWindowDrawList()->AddRectFilledMultiColor({from.x, top}, to, none, none, ground, ground);
}

}  // namespace weightroom::ui
