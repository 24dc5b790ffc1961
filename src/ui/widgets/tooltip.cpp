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

// What a tooltip explains: the item, or of a large one what is about the pointer.
struct Subject {
  ImVec2 from;
  ImVec2 to;
};

Subject last_item() {
  constexpr float kLarge = 200.0F;
  constexpr float kAbout = 22.0F;
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  const ImRect item = g.LastItemData.Rect;
  // What the keyboard has come to is told of as well, wherever the mouse rests, or where there is none.
  const ImVec2 mouse = g.NavDisableMouseHover || !ImGui::IsMousePosValid() ? item.GetCenter() : ImGui::GetMousePos();
  Subject subject{item.Min, item.Max};
  if (item.GetHeight() > kLarge) {
    subject.from.y = mouse.y - kAbout;
    subject.to.y = mouse.y + kAbout;
  }
  if (item.GetWidth() > kLarge) {
    subject.from.x = mouse.x - kAbout;
    subject.to.x = mouse.x + kAbout;
  }
  return subject;
}

// Below it, above it or beside it, wherever there is room first; it is never covered where there is any.
ImVec2 place_beside(const Subject& subject, ImVec2 size) {
  constexpr float kApart = 6.0F;
  constexpr float kEdge = 4.0F;
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const ImVec2 last{std::max(kEdge, window.x - kEdge - size.x), std::max(kEdge, window.y - kEdge - size.y)};
  const ImVec2 along{std::clamp(subject.from.x, kEdge, last.x), std::clamp(subject.from.y, kEdge, last.y)};
  if (subject.to.y + kApart <= last.y) return {along.x, subject.to.y + kApart};
  if (subject.from.y - kApart - size.y >= kEdge) return {along.x, subject.from.y - kApart - size.y};
  if (subject.to.x + kApart <= last.x) return {subject.to.x + kApart, along.y};
  if (subject.from.x - kApart - size.x >= kEdge) return {subject.from.x - kApart - size.x, along.y};
  return {along.x, last.y};
}

void begin_sheet(const Subject& subject) {
  // ImGui has one window for all tooltips; in the frame in which its size is not known it does not show it.
  const ImGuiWindow* before = ImGui::FindWindowByName("##Tooltip_00");
  ImGui::SetNextWindowPos(place_beside(subject, before != nullptr ? before->SizeFull : ImVec2{}));
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

void fill(std::string_view words) {
  const float widest = std::min(kWidest, ImGui::GetMainViewport()->Size.x - 48.0F);
  const std::string lines = wrapped(words, widest, ImGui::GetFont());
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + widest + 1.0F);
  ImGui::TextUnformatted(lines.data(), lines.data() + lines.size());
  ImGui::PopTextWrapPos();
  end_tooltip();
}

}  // namespace

void tooltip(std::string_view words) {
  if (begin_tooltip()) fill(words);
}

void tooltip_beside(std::string_view words, ImVec2 from, ImVec2 to) {
  begin_sheet({from, to});
  fill(words);
}

bool begin_tooltip(bool at_once) {
  const ImGuiHoveredFlags delay =
      at_once ? ImGuiHoveredFlags_None : ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_NoSharedDelay;
  if (!ImGui::IsItemHovered(delay | ImGuiHoveredFlags_AllowWhenDisabled)) {
    // The delay runs without further input: someone must look at the clock.
    if (ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) context().animating = true;
    return false;
  }
  begin_sheet(last_item());
  return true;
}

void end_tooltip() {
  const ImVec2 from = ImGui::GetWindowPos();
  const ImVec2 size = ImGui::GetWindowSize();
  if (!ImGui::GetCurrentWindow()->Hidden) note_rect("tooltip", from, {from.x + size.x, from.y + size.y});
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
