#include "ui/widgets/slider.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/rest.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// A finger that has only just landed may be about to scroll.
bool undecided() { return context().touch && context().drag.finger != Finger::widget; }

// ImGui's keyboard navigation would take the arrows away from the focused track.
double key_steps(const Area& at) {
  if (!at.keys && !at.held) return 0.0;
  const ImGuiID id = ImGui::GetItemID();
  double steps = 0.0;
  const auto key = [&](ImGuiKey k, double sign) {
    ImGui::SetKeyOwner(k, id);
    if (ImGui::IsKeyPressed(k, id, ImGuiInputFlags_Repeat)) steps += sign * (ImGui::GetIO().KeyShift ? 10.0 : 1.0);
  };
  key(ImGuiKey_LeftArrow, -1.0);
  key(ImGuiKey_RightArrow, 1.0);
  return steps;
}

void draw_track(const Area& at, double share, double zero_share, const SliderOptions& options, double value) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = at.centre().y;
  const float grab = context().touch ? 13.0F : 9.0F;
  const float left = at.from.x + grab;
  const float right = at.to.x - grab;
  const auto x_of = [&](double s) { return left + static_cast<float>(s) * (right - left); };
  list.AddRectFilled({at.from.x, y - 2.5F}, {at.to.x, y + 2.5F}, colours().track, 2.5F);
  ImU32 fill = colours().accent;
  if (options.signed_) fill = to_u32(gfx::diverging(value < 0 ? -0.66F : 0.66F, theme().ground()));
  const float a = options.signed_ ? x_of(zero_share) : at.from.x;
  const float b = x_of(share);
  list.AddRectFilled({std::min(a, b), y - 2.5F}, {std::max(a, b), y + 2.5F}, fill, 2.5F);
  if (options.signed_) list.AddLine({a, y - 7}, {a, y + 7}, colours().faint, 1.0F);
  list.AddCircleFilled({b, y + 1}, grab + 1, with_alpha(colours().shadow, 3.0F), 32);
  list.AddCircleFilled({b, y}, grab, theme().mode == Mode::dark ? colours().ink : colours().card, 32);
  list.AddCircle({b, y}, grab, at.held || at.hovered ? fill : colours().faint, 32, at.held ? 3.0F : 1.5F);
  draw_focus(list, {{b - grab, y - grab}, {b + grab, y + grab}, false, false, false, at.focused}, grab);
}

}  // namespace

Change slider(std::string_view id, std::string_view label, double& value, const SliderOptions& options) {
  const float width = options.width > 0.0F ? options.width : ImGui::GetContentRegionAvail().x;
  const std::string shown = options.shown.empty() ? decimal(value, options.integer ? 0 : 2) : options.shown;
  const ImVec2 line = ImGui::GetCursorScreenPos();
  const float line_height = font_height(fonts().body) + 4.0F;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float track_height = std::max(26.0F, context().touch ? 44.0F : 26.0F);
  // Room for the longest value, so that the track does not change with the digits.
  const float beside = options.compact ? text_size(percent(1.0, 0), fonts().strong).x + Metrics::kGap : 0.0F;
  if (options.compact) {
    draw_text_in(list, fonts().strong, line, {line.x + width, line.y + theme().metrics.control}, 1.0F, colours().ink,
                 shown);
    ImGui::SetCursorScreenPos({line.x, line.y + (theme().metrics.control - track_height) / 2});
  } else {
    draw_text(list, fonts().body, line, colours().ink, label);
    draw_text_in(list, fonts().strong, line, {line.x + width, line.y + font_height(fonts().body)}, 1.0F, colours().ink,
                 shown);
    ImGui::SetCursorScreenPos({line.x, line.y + line_height});
  }
  const Area at = area(id, {width - beside, track_height});
  keeps_finger(true);
  Change change;
  const double range = options.maximum - options.minimum;
  const double before = value;
  if (at.held && ImGui::GetIO().MouseDown[0] && ImGui::IsMousePosValid() && !undecided()) {
    const float grab = context().touch ? 13.0F : 9.0F;
    const float share = (ImGui::GetIO().MousePos.x - at.from.x - grab) / std::max(1.0F, at.width() - 2 * grab);
    value = options.minimum + range * static_cast<double>(std::clamp(share, 0.0F, 1.0F));
  }
  const double steps = at.held && ImGui::GetIO().MouseDown[0] ? 0.0 : key_steps(at);
  value += steps * (options.integer ? 1.0 : range / 100.0);
  if (options.integer) value = std::round(value);
  value = std::clamp(value, options.minimum, options.maximum);
  change.preview = at.held && value != before;
  change.commit = ImGui::IsItemDeactivated() && ImGui::GetIO().MouseReleased[0];
  if (options.live) {
    ImGui::PushID(id.data(), id.data() + id.size());
    change.preview = change.preview || (steps != 0.0 && value != before);
    if (came_to_rest(steps != 0.0 && value != before, at.keys)) {
      value = before;  // the step ends where the keys brought it, wherever a press begins the next one
      change.preview = false;
      change.commit = true;
    }
    ImGui::PopID();
  } else {
    change.commit = change.commit || steps != 0.0;
  }
  const double share = range > 0 ? (value - options.minimum) / range : 0.0;
  draw_track(at, share, range > 0 ? std::clamp(-options.minimum / range, 0.0, 1.0) : 0.0, options, value);
  if (!options.help.empty()) tooltip(options.help);
  return change;
}

}  // namespace weightroom::ui
