// The layers in data order with their feature maps; one map large where a channel is chosen.
#include <algorithm>

#include <strings/network.h>

#include "ui/context.h"
#include "ui/network/detail.h"
#include "ui/network/strip.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"

namespace weightroom::ui {
namespace {

// The wall below wants the larger half.
float panel_height(float room) { return std::clamp(room * 0.48F, 340.0F, 420.0F); }

}  // namespace

void network_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float bottom = ImGui::GetCursorScreenPos().y + panel_height(room.y) - Metrics::kBetween;
  const std::string_view own = say(text::network_own_light);
  const float toggle_room = toggle_width(own);
  const float trailing = room.x - 2 * Metrics::kPad - 96.0F;
  Card card("network", say(text::network_title), std::max(trailing, 1.0F));
  const auto rest = [&] { return bottom - Metrics::kPad - ImGui::GetCursorScreenPos().y; };
  if (!view.lab.has_document()) return empty_state(say(text::network_waiting), rest());
  card.begin_trailing();
  (void)toggle("own_light", own, ui.own_light, say(text::network_own_light_help));
  ImGui::SameLine(0, Metrics::kGap);
  const float glance = trailing - toggle_room - Metrics::kGap;
  if (glance > 60.0F) network::draw_overview(view, commands, {glance, theme().metrics.control});
  card.end_trailing();
  const document::Selection& selection = view.document().selection;
  if (selection.channel >= 0 && view.answered()) {
    network::draw_detail(view, ui, commands, {card.width(), rest()});
  } else {
    network::draw_strip(view, ui, commands, {card.width(), rest()});
  }
}

}  // namespace weightroom::ui
