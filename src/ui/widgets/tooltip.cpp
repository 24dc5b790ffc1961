#include "ui/widgets/tooltip.h"

#include <algorithm>
#include <string>

#include <imgui.h>
#include <imgui_internal.h>

#include "ui/context.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr float kWidest = 420.0F;

void begin_sheet() {
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {12, 10});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, Metrics::kRound);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0F);
  ImGui::BeginTooltip();
  if (ImGui::IsWindowAppearing()) context().animating = true;  // hidden until its size is known
}

// Lines no wider than `room` where that can be, broken before a sign: a term and a number stay whole.
std::string break_at_signs(std::string_view words, float room) {
  std::string lines;
  std::string line;
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at + 1;
    while (end < words.size() && !words.substr(end).starts_with(" + ") && !words.substr(end).starts_with(" = ")) ++end;
    const std::string_view piece = words.substr(at, end - at);
    const std::string longer = line + std::string(piece);
    if (!line.empty() && ImGui::CalcTextSize(longer.data(), longer.data() + longer.size()).x > room) {
      lines += line + '\n';
      line = piece.substr(1);
    } else {
      line = longer;
    }
    at = end;
  }
  return lines + line;
}

}  // namespace

void tooltip(std::string_view words) {
  if (!begin_tooltip()) return;
  const float widest = std::min(kWidest, ImGui::GetMainViewport()->Size.x - 48.0F);
  const std::string lines = wrapped(words, widest, ImGui::GetFont());
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + widest + 1.0F);
  ImGui::TextUnformatted(lines.data(), lines.data() + lines.size());
  ImGui::PopTextWrapPos();
  end_tooltip();
}

bool begin_tooltip(bool at_once) {
  const ImGuiHoveredFlags delay =
      at_once ? ImGuiHoveredFlags_None : ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_NoSharedDelay;
  if (!ImGui::IsItemHovered(delay | ImGuiHoveredFlags_AllowWhenDisabled)) {
    // The delay runs without further input: someone must look at the clock.
    if (ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) context().animating = true;
    return false;
  }
  begin_sheet();
  return true;
}

void end_tooltip() {
  ImGui::EndTooltip();
  ImGui::PopStyleVar(3);
}

void formula(std::string_view words) {
  constexpr ImVec2 kPad{10.0F, 6.0F};
  // A tooltip grows with what is in it; everywhere else the room is given.
  const bool grows = (ImGui::GetCurrentWindow()->Flags & ImGuiWindowFlags_Tooltip) != 0;
  const float room = grows ? kWidest : ImGui::GetContentRegionAvail().x;
  const std::string lines = break_at_signs(words, room - 2 * kPad.x);
  const ImVec2 size = ImGui::CalcTextSize(lines.data(), lines.data() + lines.size());
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 to{from.x + (grows ? size.x + 2 * kPad.x : room), from.y + size.y + 2 * kPad.y};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(from, to, colours().control, 6.0F);
  list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), {from.x + kPad.x, from.y + kPad.y}, colours().ink, lines.data(),
               lines.data() + lines.size());
  ImGui::Dummy({to.x - from.x, to.y - from.y});
}

}  // namespace weightroom::ui
