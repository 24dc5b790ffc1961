#include "ui/tab_order.h"

#include <algorithm>
#include <span>
#include <utility>

#include <imgui_internal.h>

#include "base/sort.h"
#include "ui/context.h"

namespace weightroom::ui {
namespace {

using Stop = TabOrder::Stop;

// Where an open list is, its own controls alone.
ImGuiWindow* open_list() {
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  if (g.OpenPopupStack.empty()) return nullptr;
  ImGuiWindow* window = g.OpenPopupStack.back().Window;
  return window != nullptr && window->Active ? window : nullptr;
}

bool in_one_stop(const Stop& a, const Stop& b) { return a.group != 0 && a.group == b.group; }

// The stop that has the keys: the focused item, or the last one clicked.
std::vector<Stop>::const_iterator standing(const TabOrder& order) {
  if (!order.begun) return order.last_stops.end();
  return std::ranges::find(order.last_stops, ImGui::GetCurrentContext()->NavId, &Stop::item);
}

// The item that a stop is entered at, of those that are one with `any`.
const Stop& entry_of(const TabOrder& order, const Stop& any) {
  if (any.group == 0) return any;
  const auto kept = order.left_at.find(any.group);
  const Stop* found = nullptr;
  for (const Stop& stop : order.last_stops) {
    if (!in_one_stop(stop, any)) continue;
    if (stop.entry) return stop;
    if (found == nullptr || (kept != order.left_at.end() && kept->second == stop.item)) found = &stop;
  }
  return *found;
}

// The first item of the next stop that way, or null.
const Stop* next_stop(const TabOrder& order, bool backward) {
  const auto& stops = order.last_stops;
  if (stops.empty()) return nullptr;
  const auto at = standing(order);
  if (at == stops.end()) return backward ? nullptr : &stops.front();
  const auto step = backward ? -1 : 1;
  for (auto i = at - stops.begin() + step; i >= 0 && i < std::ssize(stops); i += step) {
    const Stop& other = stops[static_cast<std::size_t>(i)];
    if (!in_one_stop(other, *at)) return &other;
  }
  return nullptr;
}

// The item so many further within its stop, or null.
const Stop* beside(const TabOrder& order, int step) {
  const auto at = standing(order);
  if (at == order.last_stops.end()) return nullptr;
  const auto i = at - order.last_stops.begin() + step;
  if (i < 0 || i >= std::ssize(order.last_stops)) return nullptr;
  const Stop& other = order.last_stops[static_cast<std::size_t>(i)];
  return in_one_stop(other, *at) ? &other : nullptr;
}

void focus(const Stop& stop) {
  ImGuiContext& g = *ImGui::GetCurrentContext();
  context().tabs.ends_typing = g.ActiveId != 0 && g.ActiveId != stop.item;
  const ImRect rect(stop.from, stop.to);
  if (g.NavWindow != stop.window) ImGui::FocusWindow(stop.window);
  ImGui::SetNavID(stop.item, ImGuiNavLayer_Main, stop.scope, ImGui::WindowRectAbsToRel(stop.window, rect));
  g.NavDisableHighlight = false;
  g.NavDisableMouseHover = true;
  ImGui::ScrollToRect(stop.window, {{rect.Min.x - 4, rect.Min.y - 8}, {rect.Max.x + 4, rect.Max.y + 8}},
                      ImGuiScrollFlags_KeepVisibleEdgeX | ImGuiScrollFlags_KeepVisibleEdgeY);
  context().animating = true;  // it is seen in the next frame
}

void begin_at(TabOrder& order, const Stop& stop) {
  order.begun = true;
  focus(entry_of(order, stop));
}

// The focus has gone to the page, or come from it, in its turn among the presses; with `all` none is on its way, and
// one that was lost is not waited for.
void pass(TabOrder& order, bool all) {
  if (!order.passed || (order.passed->after != order.presses && !all)) return;
  order.presses = order.passed->after;
  const TabOrder::Passed passed = *std::exchange(order.passed, {});
  if (passed.left) {
    order.begun = false;
    ImGui::GetCurrentContext()->NavDisableHighlight = true;
  }
  if (passed.entered != 0 && !order.last_stops.empty())
    begin_at(order, passed.entered < 0 ? order.last_stops.back() : order.last_stops.front());
}

}  // namespace

TabGroup::TabGroup() : before_(context().tabs.group) {
  TabOrder& order = context().tabs;
  order.group = ++order.groups;
}

TabGroup::~TabGroup() { context().tabs.group = before_; }

TabRank::TabRank(int rank) : before_(context().tabs.rank) { context().tabs.rank = rank; }

TabRank::~TabRank() { context().tabs.rank = before_; }

void begin_tab_order(TabOrder& order) {
  if (std::exchange(order.ends_typing, false)) ImGui::ClearActiveID();  // seen by the field, which comes after it
  order.stops.clear();
  order.groups = 0;
}

void note_tab_stop(ImGuiID item, ImVec2 from, ImVec2 to) {
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  TabOrder& order = context().tabs;
  order.stops.push_back({.item = item,
                         .window = g.CurrentWindow,
                         .scope = g.CurrentFocusScopeId,
                         .from = from,
                         .to = to,
                         .group = order.group,
                         .rank = order.rank,
                         .place = order.stops.size()});
}

void enter_group_here() {
  auto& stops = context().tabs.stops;
  if (!stops.empty()) stops.back().entry = true;
}

void move_tab_focus() {
  TabOrder& order = context().tabs;
  if (const ImGuiWindow* list = open_list()) {
    std::erase_if(order.stops, [list](const Stop& stop) { return stop.window->RootWindow != list; });
  }
  base::sort(order.stops, {}, [](const Stop& stop) { return std::pair(stop.rank, stop.place); });
  order.last_stops = order.stops;
  order.begun = order.begun || ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  if (const auto at = standing(order); at != order.last_stops.end() && at->group != 0)
    order.left_at[at->group] = at->item;
  if (const int step = std::exchange(order.step, 0); step != 0) {
    if (const Stop* other = beside(order, step)) focus(*other);
  }
  const ImGuiID ours = ImHashStr("tab_order");
  ImGui::SetKeyOwner(ImGuiKey_Tab, ours);  // or ImGui goes its own way
  const ImGuiIO& io = ImGui::GetIO();
  pass(order, false);
  if (ImGui::IsKeyPressed(ImGuiKey_Tab, false) && !io.KeyCtrl && !io.KeyAlt) {
    order.presses += io.KeyShift ? -1 : 1;
    const Stop* next = next_stop(order, io.KeyShift);
    if (next == nullptr && !order.last_stops.empty())
      next = io.KeyShift ? &order.last_stops.back() : &order.last_stops.front();
    if (next != nullptr) begin_at(order, *next);
  }
  pass(order, ImGui::GetCurrentContext()->InputEventsQueue.empty());
}

void focus_beside(int step) { context().tabs.step = step; }

int tab_stops_left(const TabOrder& order, bool backward) {
  const auto& stops = order.last_stops;
  const auto at = standing(order);
  if (at == stops.end()) return backward ? 0 : tab_stops(order);
  const auto beyond = backward ? std::span(stops.begin(), at) : std::span(at + 1, stops.end());
  int count = 0;
  const Stop* last = &*at;
  for (std::size_t k = 0; k < beyond.size(); ++k) {
    const Stop& other = backward ? beyond[beyond.size() - 1 - k] : beyond[k];
    if (!in_one_stop(other, *last)) ++count;
    last = &other;
  }
  return count;
}

int tab_stops(const TabOrder& order) {
  int count = 0;
  const Stop* last = nullptr;
  for (const Stop& stop : order.last_stops) {
    if (last == nullptr || !in_one_stop(stop, *last)) ++count;
    last = &stop;
  }
  return count;
}

}  // namespace weightroom::ui
