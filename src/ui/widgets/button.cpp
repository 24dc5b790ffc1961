#include "ui/widgets/button.h"

#include <algorithm>

#include <imgui_internal.h>

#include "ui/context.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

struct Inks {
  ImU32 ground;
  ImU32 edge;
  ImU32 ink;
};

Inks inks_of(const ButtonOptions& options, const Area& at) {
  const Palette& p = colours();
  const auto pick = [&](ImU32 rest, ImU32 hover, ImU32 press) { return at.held ? press : at.hovered ? hover : rest; };
  if (!options.enabled) {
    return {options.look == Look::bare ? 0 : p.control, options.look == Look::bare ? 0 : with_alpha(p.line, 0.6F),
            p.faint};
  }
  if (options.look == Look::primary) return {pick(p.accent, p.accent_hover, p.accent_press), 0, p.on_accent};
  if (options.chosen) return {p.accent_soft, p.accent, p.accent};
  if (options.look == Look::bare) return {pick(0, p.control_hover, p.control_press), 0, at.hovered ? p.ink : p.quiet};
  return {pick(p.card, p.control, p.control_hover), p.line, p.ink};
}

ImFont* font_of(const ButtonOptions& options) { return options.look == Look::primary ? fonts().strong : fonts().body; }

// What stands in a button, from left to right.
struct Content {
  float icon = 0.0F;
  float between = 0.0F;
  float words = 0.0F;
  [[nodiscard]] float width() const { return icon + between + words; }
};

Content content_of(std::string_view label, const ButtonOptions& options) {
  const bool has_icon = options.icon != Icon::none;
  return {has_icon ? 20.0F : 0.0F, has_icon && !label.empty() ? 8.0F : 0.0F,
          label.empty() ? 0.0F : text_size(label, font_of(options)).x};
}

Area draw_button(std::string_view id, std::string_view label, const ButtonOptions& options) {
  const float height = theme().metrics.control;
  ImFont* font = font_of(options);
  const Content content = content_of(label, options);
  const auto [icon, between, words] = content;
  const float width = options.width > 0 ? options.width : label.empty() ? height : button_width(label, options);
  const Area at = area(id, {width, height}, options.enabled);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Inks inks = inks_of(options, at);
  if (inks.ground != 0) list.AddRectFilled(at.from, at.to, inks.ground, Metrics::kRound);
  if (inks.edge != 0) list.AddRect(at.from, at.to, inks.edge, Metrics::kRound, ImDrawFlags_None, 1.0F);
  float x = at.from.x + (at.width() - content.width()) / 2;
  if (options.icon != Icon::none) draw_icon(list, options.icon, {x + icon / 2, at.centre().y}, icon, inks.ink);
  x += icon + between;
  list.PushClipRect(at.from, at.to, true);
  draw_text_in(list, font, {x, at.from.y}, {x + words, at.to.y}, 0.0F, inks.ink, label);
  list.PopClipRect();
  draw_focus(list, at, Metrics::kRound);
  if (!options.tooltip.empty() && !at.held) tooltip(options.tooltip);  // what a hand holds it for is not to be covered
  return at;
}

}  // namespace

Area area(std::string_view id, ImVec2 size, bool enabled) {
  if (enabled) ++context().controls;
  ImGui::PushID(id.data(), id.data() + id.size());
  if (!enabled) ImGui::BeginDisabled();
  Area at;
  at.from = ImGui::GetCursorScreenPos();
  const ImGuiID item = ImGui::GetID("##area");  // known where ImGui leaves it out as well, in a part scrolled away
  at.pressed = ImGui::InvisibleButton("##area", {std::max(size.x, 1.0F), std::max(size.y, 1.0F)});
  at.to = {at.from.x + size.x, at.from.y + size.y};
  at.hovered = enabled && ImGui::IsItemHovered() && !context().touch;
  at.held = ImGui::IsItemActive();
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  if (enabled) note_tab_stop(item, at.from, at.to);
  at.keys = ImGui::IsItemFocused();
  at.focused = at.keys && !g.NavDisableHighlight;
  if (at.focused) note_rect("focus", at.from, at.to);
  if (!enabled) ImGui::EndDisabled();
  if (at.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  note_rect(id, at.from, at.to);
  ImGui::PopID();
  return at;
}

void draw_focus(ImDrawList& list, const Area& at, float radius) {
  if (!at.focused) return;
  list.AddRect({at.from.x - 2.5F, at.from.y - 2.5F}, {at.to.x + 2.5F, at.to.y + 2.5F}, colours().accent, radius + 2.5F,
               ImDrawFlags_None, 2.0F);
}

float button_width(std::string_view label, const ButtonOptions& options) {
  const float padding = options.icon != Icon::none ? 12.0F : 14.0F;
  return std::max(options.width, content_of(label, options).width() + 2 * padding);
}

bool button(std::string_view id, std::string_view label, const ButtonOptions& options) {
  return draw_button(id, label, options).pressed;
}

bool icon_button(std::string_view id, Icon icon, std::string_view name, const ButtonOptions& options) {
  ButtonOptions with_icon = options;
  with_icon.icon = icon;
  if (with_icon.tooltip.empty()) with_icon.tooltip = name;
  if (with_icon.look == Look::quiet) with_icon.look = Look::bare;
  return draw_button(id, "", with_icon).pressed;
}

bool hold_button(std::string_view id, std::string_view label, const ButtonOptions& options) {
  return draw_button(id, label, options).held;
}

bool link(std::string_view id, std::string_view label) {
  const ImVec2 size = text_size(label, fonts().body);
  const Area at = area(id, {size.x, size.y + 4});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text(list, fonts().body, {at.from.x, at.from.y + 2}, colours().accent, label);
  if (at.hovered) list.AddLine({at.from.x, at.to.y}, {at.to.x, at.to.y}, colours().accent);
  draw_focus(list, at, 4);
  return at.pressed;
}

}  // namespace weightroom::ui
