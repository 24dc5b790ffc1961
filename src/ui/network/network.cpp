// The layers in data order with their feature maps; one map large where a channel is chosen.
#include <algorithm>

#include <strings/network.h>

#include "ui/context.h"
#include "ui/network/detail.h"
#include "ui/network/strip.h"
#include "ui/widgets/card.h"
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
  const float glance = room.x - 2 * Metrics::kPad - 120.0F;
  Card card("network", say(text::network_title), std::max(glance, 1.0F));
  const auto rest = [&] { return bottom - Metrics::kPad - ImGui::GetCursorScreenPos().y; };
  if (!view.lab.has_document()) return empty_state(say(text::network_waiting), rest());
  card.begin_trailing();
  network::draw_overview(view, commands, {std::max(glance, 1.0F), theme().metrics.control});
  card.end_trailing();
  const document::Selection& selection = view.document().selection;
  if (selection.channel >= 0 && view.answered()) {
    network::draw_detail(view, ui, commands, {card.width(), rest()});
  } else {
    network::draw_strip(view, ui, commands, {card.width(), rest()});
  }
}

}  // namespace weightroom::ui
