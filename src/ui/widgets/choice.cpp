#include "ui/widgets/choice.h"

#include <algorithm>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr ImVec2 kTrack{40.0F, 22.0F};  // of a toggle

std::string numbered(std::string_view id, int i) { return std::string(id) + "/" + std::to_string(i); }

float room(float width) { return width > 0 ? width : ImGui::GetContentRegionAvail().x; }

}  // namespace

float toggle_width(std::string_view label) { return kTrack.x + 10.0F + text_size(label, fonts().body).x; }

bool toggle(std::string_view id, std::string_view label, bool& on, std::string_view help) {
  const Area at = area(id, {toggle_width(label), theme().metrics.control});
  if (at.pressed) on = !on;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float share = follow(ImGui::GetItemID(), on ? 1.0F : 0.0F);
  const ImVec2 from{at.from.x, at.centre().y - kTrack.y / 2};
  const ImVec2 to{from.x + kTrack.x, from.y + kTrack.y};
  const ImU32 off = at.hovered ? colours().faint : blend(colours().faint, colours().line, 0.35F);
  list.AddRectFilled(from, to, blend(off, colours().accent, share), kTrack.y / 2);
  const float x = from.x + kTrack.y / 2 + share * (kTrack.x - kTrack.y);
  list.AddCircleFilled({x, at.centre().y}, kTrack.y / 2 - 3.0F, IM_COL32_WHITE, 32);
  draw_text_in(list, fonts().body, {to.x + 10, at.from.y}, at.to, 0, colours().ink, label);
  draw_focus(list, {from, to, false, false, false, at.focused}, kTrack.y / 2);
  if (!help.empty()) tooltip(help);
  return at.pressed;
}

bool segmented(std::string_view id, std::span<const std::string_view> labels, int& chosen, float width) {
  const TabGroup stop;
  const float height = theme().metrics.control;
  const float whole = room(width);
  const auto count = static_cast<int>(labels.size());
  const auto spare_of = [&](int first, int end) {  // each gets what its words need, and an equal share of what is left
    float words = 0.0F;
    for (int i = first; i < end; ++i) words += text_size(labels[static_cast<std::size_t>(i)], fonts().strong).x;
    return (whole - 6.0F - words) / static_cast<float>(end - first);
  };
  const int in_row = spare_of(0, count) >= 8.0F ? count : (count + 1) / 2;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float whole_height = in_row == count ? height : 2.0F * height;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(from, {from.x + whole, from.y + whole_height}, colours().track, Metrics::kRound);
  bool changed = false;
  ImGui::BeginGroup();
  float x = from.x + 3.0F;
  float spare = 0.0F;
  for (int i = 0; i < count; ++i) {
    if (i % in_row == 0) {
      x = from.x + 3.0F;
      spare = std::max(8.0F, spare_of(i, std::min(i + in_row, count)));
    }
    const std::string_view label = labels[static_cast<std::size_t>(i)];
    const float w = text_size(label, fonts().strong).x + spare;
    ImGui::SetCursorScreenPos({x, from.y + (i < in_row ? 0.0F : height)});
    const Area at = area(numbered(id, i), {w, height});
    if (chosen == i) enter_group_here();
    if (at.pressed && chosen != i) {
      chosen = i;
      changed = true;
    }
    const ImVec2 inner_from{at.from.x, at.from.y + 3.0F};
    const ImVec2 inner_to{at.to.x, at.to.y - 3.0F};
    if (chosen == i) {
      list.AddRectFilled({inner_from.x, inner_from.y + 1}, {inner_to.x, inner_to.y + 1},
                         with_alpha(colours().shadow, 3.0F), 6.0F);
      list.AddRectFilled(inner_from, inner_to, theme().mode == Mode::dark ? colours().control_press : colours().card,
                         6.0F);
    }
    const ImU32 ink = chosen == i ? colours().ink : at.hovered ? colours().ink : colours().quiet;
    draw_text_in(list, chosen == i ? fonts().strong : fonts().body, at.from, at.to, 0.5F, ink, label);
    draw_focus(list, {inner_from, inner_to, false, false, false, at.focused}, 6.0F);
    x += w;
  }
  ImGui::SetCursorScreenPos({from.x, from.y});
  ImGui::Dummy({whole, whole_height});
  ImGui::EndGroup();
  note_rect(id, from, {from.x + whole, from.y + whole_height});
  return changed;
}

bool tab_row(std::string_view id, std::span<const Tab> tabs, int& chosen) {
  const TabGroup stop;
  constexpr float kAside = 12.0F;  // of the words, on either side
  const float height = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float whole = ImGui::GetContentRegionAvail().x;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddLine({from.x, from.y + height - 1.0F}, {from.x + whole, from.y + height - 1.0F}, colours().line);
  bool changed = false;
  float x = from.x;
  for (int i = 0; i < static_cast<int>(tabs.size()); ++i) {
    const Tab& tab = tabs[static_cast<std::size_t>(i)];
    const float width = text_size(tab.label, fonts().strong).x + 2 * kAside;
    ImGui::SetCursorScreenPos({x, from.y});
    const Area at = area(std::string(id) + "/" + std::string(tab.name), {width, height});
    if (chosen == i) enter_group_here();
    if (!tab.help.empty()) tooltip(tab.help);
    if (at.pressed && chosen != i) {
      chosen = i;
      changed = true;
    }
    const bool on = chosen == i;
    draw_text_in(list, on ? fonts().strong : fonts().body, at.from, at.to, 0.5F,
                 on || at.hovered ? colours().ink : colours().quiet, tab.label);
    if (on)
      list.AddRectFilled({at.from.x + kAside, at.to.y - 3.0F}, {at.to.x - kAside, at.to.y}, colours().accent, 2.0F);
    draw_focus(list, at, 6.0F);
    x += width;
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({whole, height});
  note_rect(id, from, {from.x + whole, from.y + height});
  return changed;
}

bool tabs(std::string_view id, std::span<const std::string_view> labels, int& chosen, float width) {
  const TabGroup stop;
  constexpr float kHeight = 52.0F;
  constexpr Icon kIcons[] = {Icon::picture, Icon::network, Icon::bars};
  const float each = width / static_cast<float>(labels.size());
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  bool changed = false;
  for (int i = 0; i < static_cast<int>(labels.size()); ++i) {
    ImGui::SetCursorScreenPos({from.x + each * static_cast<float>(i), from.y});
    const Area at = area(numbered(id, i), {each, kHeight});
    if (chosen == i) enter_group_here();
    if (at.pressed && chosen != i) {
      chosen = i;
      changed = true;
    }
    const ImU32 ink = chosen == i ? colours().accent : colours().quiet;
    const std::string_view label = labels[static_cast<std::size_t>(i)];
    const float words = text_size(label, fonts().strong).x;
    const float left = at.centre().x - (words + 28.0F) / 2;
    draw_icon(list, kIcons[i % 3], {left + 10, at.centre().y}, 20, ink);
    draw_text_in(list, chosen == i ? fonts().strong : fonts().body, {left + 28, at.from.y},
                 {left + 28 + words, at.to.y}, 0, ink, label);
    if (chosen == i) list.AddRectFilled({at.from.x + 12, at.to.y - 3}, {at.to.x - 12, at.to.y}, colours().accent, 2);
    draw_focus(list, at, 6);
  }
  return changed;
}

bool segmented(std::string_view id, std::span<const Text> labels, int& chosen, float width) {
  std::vector<std::string> said;
  for (const Text label : labels) said.push_back(tr(label));
  const std::vector<std::string_view> words(said.begin(), said.end());
  return segmented(id, words, chosen, width);
}

}  // namespace weightroom::ui
