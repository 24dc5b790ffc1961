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

float grab_radius() { return context().touch ? 13.0F : 9.0F; }

// Where along the track a share of its range lies.
float x_at(const Area& at, double share) {
  const float grab = grab_radius();
  return at.from.x + grab + static_cast<float>(share) * (at.width() - 2 * grab);
}

constexpr float kPainted = 11.0F;  // half the height of a painted track

// From end to end in the colours of the parts; names where they fit, and not under the knob.
void draw_parts(std::string_view id, const Area& at, const SliderOptions& options, float knob) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = at.centre().y;
  const double range = std::max(options.maximum - options.minimum, 1e-30);
  const auto x_of = [&](double value) { return x_at(at, (value - options.minimum) / range); };
  for (std::size_t i = 0; i < options.parts.size(); ++i) {
    const TrackPart& part = options.parts[i];
    const bool first = i == 0;
    const bool last = i + 1 == options.parts.size();
    const float from = first ? at.from.x : x_of(part.from);
    const float to = last ? at.to.x : x_of(part.to);
    const ImDrawFlags round = first && last ? ImDrawFlags_RoundCornersAll
                              : first       ? ImDrawFlags_RoundCornersLeft
                              : last        ? ImDrawFlags_RoundCornersRight
                                            : ImDrawFlags_RoundCornersNone;
    list.AddRectFilled({from, y - kPainted}, {to, y + kPainted}, part.colour, 6.0F, round);
    if (!last) list.AddLine({to, y - kPainted}, {to, y + kPainted}, colours().card, 2.0F);
    note_rect(std::string(id) + "/" + std::string(part.label), {from, y - kPainted}, {to, y + kPainted});
    // On the wider side of the knob, where that lies on this part.
    const float grab = grab_radius();
    const bool covered = knob + grab > from && knob - grab < to;
    const bool left = knob - from > to - knob;
    const float begin = covered && !left ? knob + grab : from;
    const float end = covered && left ? knob - grab : to;
    if (text_size(part.label, fonts().small).x + 12.0F > end - begin) continue;
    draw_text_in(list, fonts().small, {begin, y - kPainted}, {end, y + kPainted}, 0.5F, ink_on(part.colour),
                 part.label);
  }
}

void draw_plain(const Area& at, float a, float b, ImU32 fill, bool zero) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = at.centre().y;
  list.AddRectFilled({at.from.x, y - 2.5F}, {at.to.x, y + 2.5F}, colours().track, 2.5F);
  list.AddRectFilled({std::min(a, b), y - 2.5F}, {std::max(a, b), y + 2.5F}, fill, 2.5F);
  if (zero) list.AddLine({a, y - 7}, {a, y + 7}, colours().faint, 1.0F);
}

// What the value was: a small flag above the track, which a painted track shows through.
void draw_notch(const Area& at, double share) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float x = x_at(at, std::clamp(share, 0.0, 1.0));
  const float top = at.centre().y - kPainted;
  list.AddLine({x, top}, {x, top + 2 * kPainted}, colours().ink, 1.5F);
  list.AddTriangleFilled({x - 4.5F, top - 4.0F}, {x + 4.5F, top - 4.0F}, {x, top + 2.0F}, colours().ink);
}

void draw_track(std::string_view id, const Area& at, double share, double zero_share, const SliderOptions& options,
                double value) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float y = at.centre().y;
  const float grab = grab_radius();
  ImU32 fill = colours().accent;
  if (options.signed_) fill = to_u32(gfx::diverging(value < 0 ? -0.66F : 0.66F, theme().ground()));
  const float b = x_at(at, share);
  if (options.parts.empty()) {
    draw_plain(at, options.signed_ ? x_at(at, zero_share) : at.from.x, b, fill, options.signed_);
  } else {
    draw_parts(id, at, options, b);
  }
  if (options.notch) {
    const double range = std::max(options.maximum - options.minimum, 1e-30);
    draw_notch(at, (*options.notch - options.minimum) / range);
  }
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
    const float grab = grab_radius();
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
  draw_track(id, at, share, range > 0 ? std::clamp(-options.minimum / range, 0.0, 1.0) : 0.0, options, value);
  if (!options.help.empty()) tooltip(options.help);
  return change;
}

}  // namespace weightroom::ui
