#include "ui/widgets/number_cell.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <imgui_internal.h>
#include <strings/language.h>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/rest.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

int keep_text(ImGuiInputTextCallbackData* data) {
  auto& text = *static_cast<std::string*>(data->UserData);
  text.resize(static_cast<std::size_t>(data->BufTextLen));
  data->Buf = text.data();
  return 0;
}

// ImGui's own input in place of the cell; committed by Enter and by leaving it, dropped by Escape.
std::optional<std::string> type_in_place(const Area& at) {
  Context& c = context();
  std::optional<std::string> out;
  ImGui::SetCursorScreenPos(at.from);
  ImGui::SetNextItemWidth(at.width());
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {6.0F, (at.to.y - at.from.y - font_height(fonts().body)) / 2});
  if (c.typing.just_begun) ImGui::SetKeyboardFocusHere();
  c.typing.text.reserve(64);
  const bool entered = ImGui::InputText(
      "##typed", c.typing.text.data(), c.typing.text.capacity() + 1,
      ImGuiInputTextFlags_AutoSelectAll | ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackResize,
      keep_text, &c.typing.text);
  ImGui::PopStyleVar();
  note_tab_stop(ImGui::GetItemID(), at.from, at.to);
  ImGui::GetWindowDrawList()->AddRect(at.from, at.to, colours().accent, Metrics::kRound, ImDrawFlags_None, 2.0F);
  const bool left = !c.typing.just_begun && ImGui::IsItemDeactivated();
  const bool escaped = left && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
  c.typing.just_begun = false;
  if (!ImGui::IsItemActive()) c.animating = true;  // the caret comes a frame or two later, and no key may be lost
  const bool typed = std::string_view(c.typing.text).substr(0, c.typing.text.find('\0')) != c.typing.begun_with;
  if (typed && (entered || (left && !escaped))) out = c.typing.text;
  if (entered || left) c.typing = {};
  return out;
}

// What was typed where typing goes on: of the number called so, in the place of what it shows. False: it is another.
bool is_typed(std::string_view id, const Area& at, std::optional<std::string>& typed) {
  if (context().typing.id != id) return false;
  typed = type_in_place(at);
  note_rect(id, at.from, at.to);
  note_rect("typing", at.from, at.to);  // the field that has the caret
  return true;
}

void begin_typing(std::string_view id, const Area& at, const std::string& text, bool words) {
  Context& c = context();
  if (c.touch) {
    c.requests.number = {std::string(id), text, at.from, at.to, words};
  } else {
    c.typing = {std::string(id), text, true, text};
  }
}

void begin_typing(std::string_view id, const Area& at, double value) {
  std::string text = decimal(value, 4);
  const std::string point = tr(text::language_point);
  if (text.contains(point) && !text.contains('e')) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with(point)) text.resize(text.size() - point.size());
  }
  if (text.starts_with("−")) text.replace(0, std::string_view("−").size(), "-");
  begin_typing(id, at, text, false);
}

// The wheel moves the lit number alone, and only where it is not scrolling already: who scrolls past a grid of numbers
// changes none.
double nudges(const Area& at, bool lit) {
  double steps = 0.0;
  const ImGuiIO& io = ImGui::GetIO();
  const double size = io.KeyShift ? 10.0 : io.KeyAlt ? 0.1 : 1.0;
  if (at.hovered && lit && ImGui::GetCurrentContext()->WheelingWindow == nullptr) {
    ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
    steps += static_cast<double>(io.MouseWheel) * size;
  }
  if (at.keys) {
    const ImGuiID id = ImGui::GetItemID();
    for (const auto& [key, sign] : {std::pair{ImGuiKey_UpArrow, 1.0}, std::pair{ImGuiKey_DownArrow, -1.0}}) {
      ImGui::SetKeyOwner(key, id);
      if (ImGui::IsKeyPressed(key, id, ImGuiInputFlags_Repeat)) steps += sign * size;
    }
  }
  return steps;
}

// From cell to cell in reading order; up and down change the number.
void walk(const Area& at) {
  if (!at.focused) return;
  const ImGuiID id = ImGui::GetItemID();
  for (const auto& [key, step] : {std::pair{ImGuiKey_LeftArrow, -1}, std::pair{ImGuiKey_RightArrow, 1}}) {
    ImGui::SetKeyOwner(key, id);
    if (ImGui::IsKeyPressed(key, id, ImGuiInputFlags_Repeat)) focus_beside(step);
  }
}

// As many places as tell the numbers of this scale apart; in a narrow cell without the zero before the point.
std::string number_words(double value, double scale, bool narrow) {
  int places = narrow ? 1 : 2;
  if (scale > 0.0 && scale < 1.0)
    places = std::clamp(static_cast<int>(std::ceil(1.0 - std::log10(scale))), 2, narrow ? 3 : 5);
  std::string words = decimal(value, places);
  if (narrow && scale < 1.0) {
    const auto zero = words.find("0" + tr(text::language_point));
    if (zero != std::string::npos && (zero == 0 || words[zero - 1] < '0' || words[zero - 1] > '9'))
      words.erase(zero, 1);
  }
  return words;
}

void draw_cell(const Area& at, const NumberCell& cell, double value) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto t = cell.scale > 0 ? static_cast<float>(value / cell.scale) : 0.0F;
  const ImU32 ground = to_u32(gfx::diverging(t, theme().ground()));
  list.AddRectFilled(at.from, at.to, ground, Metrics::kRound);
  const ImU32 ink = ink_on(ground);
  draw_text_in(list, cell.lit ? fonts().strong : fonts().body, at.from, at.to, 0.5F, ink,
               number_words(value, cell.scale, cell.size.x < 60.0F));
  if (cell.before && *cell.before != value) {
    list.AddTriangleFilled({at.to.x - 14, at.from.y + 3}, {at.to.x - 3, at.from.y + 3}, {at.to.x - 3, at.from.y + 14},
                           ink);
  }
  if (cell.lit) {
    list.AddRect({at.from.x - 3, at.from.y - 3}, {at.to.x + 3, at.to.y + 3}, colours().accent, Metrics::kRound + 3,
                 ImDrawFlags_None, 3.0F);
  } else if (at.hovered || at.held) {
    list.AddRect(at.from, at.to, with_alpha(ink, 0.6F), Metrics::kRound, ImDrawFlags_None, 1.5F);
  }
  if (!cell.lit) {
    draw_focus(list, at, Metrics::kRound);
  } else if (at.focused) {  // around the ring of the lit one
    list.AddRect({at.from.x - 6.5F, at.from.y - 6.5F}, {at.to.x + 6.5F, at.to.y + 6.5F}, colours().ink,
                 Metrics::kRound + 6.5F, ImDrawFlags_None, 2.0F);
  }
}

bool entered_by_key(const Area& at) {
  return at.focused && (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false));
}

// A drag under way: the value it has come to. A finger lights the cell first and moves it from the next frame on.
void drag(const Area& at, const NumberCell& cell, CellChange& change) {
  const Context& c = context();
  const ImGuiIO& io = ImGui::GetIO();
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID origin = ImGui::GetID("origin");
  const ImGuiID begun = ImGui::GetID("begun");
  if (ImGui::IsItemActivated()) {
    storage.SetFloat(origin, static_cast<float>(cell.value));
    storage.SetBool(begun, !c.touch);
    change.selected = !c.touch;
  }
  const bool dragging = at.held && ImGui::IsMouseDragging(0, 3.0F) && (!c.touch || c.drag.finger == Finger::widget);
  if (dragging && !storage.GetBool(begun)) {
    storage.SetBool(begun, true);
    change.selected = true;
  } else if (dragging) {
    const ImVec2 moved = ImGui::GetMouseDragDelta(0, 3.0F);
    // A finger going up or down scrolls; a mouse may drag either way.
    const double way = static_cast<double>(c.touch ? moved.x : moved.x - moved.y) * (io.KeyShift ? 0.1 : 1.0);
    const auto from = static_cast<double>(storage.GetFloat(origin));
    change.value = std::clamp(from + way * cell.range / 100.0, -cell.range, cell.range);
    change.preview = change.value != cell.value;
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  }
  if (ImGui::IsItemDeactivated() && static_cast<float>(cell.value) != storage.GetFloat(origin)) change.commit = true;
}

// A box that becomes an input once it is pressed: `show` draws what stands in it and begins the typing.
std::optional<std::string> typed_field(std::string_view id, ImVec2 size,
                                       const std::function<void(const Area&, bool begins)>& show) {
  std::optional<std::string> typed;
  if (const auto by_page = context().typed.find(std::string(id)); by_page != context().typed.end())
    typed = by_page->second;
  ImGui::PushID(id.data(), id.data() + id.size());
  const ImVec2 start = ImGui::GetCursorScreenPos();
  if (!is_typed(id, {start, {start.x + size.x, start.y + size.y}}, typed)) {
    const Area at = area(id, size);
    if (at.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
    show(at, at.pressed || entered_by_key(at));
    draw_focus(*ImGui::GetWindowDrawList(), at, Metrics::kRound);
  }
  ImGui::PopID();
  return typed;
}

}  // namespace

CellChange number_cell(std::string_view id, const NumberCell& cell) {
  Context& c = context();
  CellChange change;
  change.value = cell.value;
  if (const auto typed = c.typed.find(std::string(id)); typed != c.typed.end()) change.typed = typed->second;
  ImGui::PushID(id.data(), id.data() + id.size());
  const ImVec2 start = ImGui::GetCursorScreenPos();
  if (is_typed(id, {start, {start.x + cell.size.x, start.y + cell.size.y}}, change.typed)) {
    ImGui::PopID();
    return change;
  }
  const Area at = area(id, cell.size);
  if (cell.lit) enter_group_here();
  walk(at);
  keeps_finger(true);
  change.hovered = at.hovered;
  drag(at, cell, change);
  const double steps = at.held ? 0.0 : nudges(at, cell.lit);  // a drag has the value in its hand
  if (steps != 0.0) {
    change.value = std::clamp(cell.value + steps * cell.range / 100.0, -cell.range, cell.range);
    change.preview = change.value != cell.value;
  }
  if (came_to_rest(steps != 0.0 && change.preview, at.hovered || at.keys)) change.commit = true;
  const bool double_click = at.hovered && ImGui::IsMouseDoubleClicked(0);
  const bool by_key = entered_by_key(at);
  const bool tapped = c.touch && at.pressed && !change.commit;
  if (tapped) change.selected = true;
  if (double_click || by_key || tapped) begin_typing(id, at, cell.value);
  draw_cell(at, cell, change.value);
  ImGui::PopID();
  return change;
}

std::optional<std::string> number_field(std::string_view id, double value, ImVec2 size) {
  return typed_field(id, size, [&](const Area& at, bool begins) {
    if (begins) begin_typing(id, at, value);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(at.from, at.to, colours().card, Metrics::kRound);
    list.AddRect(at.from, at.to, at.hovered ? colours().quiet : colours().line, Metrics::kRound);
    draw_text_in(list, fonts().body, at.from, at.to, 0.5F, colours().ink, decimal(value, 4));
  });
}

std::optional<std::string> text_field(std::string_view id, std::string_view words, ImVec2 size) {
  auto typed = typed_field(id, size, [&](const Area& at, bool begins) {
    if (begins) begin_typing(id, at, std::string(words), true);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (at.hovered) list.AddRect(at.from, at.to, colours().line, Metrics::kRound);
    draw_text_in(list, fonts().strong, {at.from.x + 6.0F, at.from.y}, at.to, 0.0F, colours().ink,
                 shortened(words, size.x - 12.0F, fonts().strong));
  });
  if (typed) typed->resize(std::min(typed->find('\0'), typed->size()));
  return typed;
}

}  // namespace weightroom::ui
