#pragma once

#include <string_view>

#include <imgui.h>

#include "ui/widgets/icons.h"

namespace weightroom::ui {

enum class Look { primary, quiet, bare };  // bare: no ground until hovered

struct ButtonOptions {
  Look look = Look::quiet;
  Icon icon = Icon::none;
  std::string_view tooltip{};  // one sentence, with the key that does the same
  bool enabled = true;
  bool chosen = false;
  float width = 0.0F;  // 0: as wide as its words
};

// Every widget takes an id: its name for ImGui, for weightroom.where(id) and for tests.
[[nodiscard]] bool button(std::string_view id, std::string_view label, const ButtonOptions& options = {});
// Of a button with these words: options.width, or what they need where that is more.
[[nodiscard]] float button_width(std::string_view label, const ButtonOptions& options);
// A square with an icon; `name` is its tooltip.
[[nodiscard]] bool icon_button(std::string_view id, Icon icon, std::string_view name,
                               const ButtonOptions& options = {});
// Words that do something, underlined when hovered.
[[nodiscard]] bool link(std::string_view id, std::string_view label);

// True as long as it is held down (hold to compare).
[[nodiscard]] bool hold_button(std::string_view id, std::string_view label, const ButtonOptions& options = {});

// ---- for other widgets

struct Area {
  ImVec2 from;
  ImVec2 to;
  bool pressed = false;  // clicked, or Enter or Space while focused
  bool hovered = false;
  bool held = false;
  bool focused = false;  // by keyboard: draw_focus() shows it
  bool keys = false;     // gets the keys: focused, or the last one clicked
  [[nodiscard]] ImVec2 centre() const { return {(from.x + to.x) / 2, (from.y + to.y) / 2}; }
  [[nodiscard]] float width() const { return to.x - from.x; }
};
// An invisible button of this size at the cursor, noted by its id.
[[nodiscard]] Area area(std::string_view id, ImVec2 size, bool enabled = true);
void draw_focus(ImDrawList& list, const Area& at, float radius);

}  // namespace weightroom::ui
