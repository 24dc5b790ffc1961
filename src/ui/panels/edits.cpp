// The list of edits in words, with reset; undo, redo and hold-to-compare stand in the header, always in reach.
#include "ui/context.h"
#include "ui/panels/common.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

void reset_buttons(const View& view, CommandQueue& commands) {
  const lab::Document& document = view.document();
  const bool edited = document.edited();
  const float width = (ImGui::GetContentRegionAvail().x - Metrics::kGap) / 2;
  const std::string& layer = document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].name;
  if (button("reset_layer", "Reset " + layer,
             {.icon = Icon::reset,
              .tooltip = "Every weight of this layer as it was loaded.",
              .enabled = edited,
              .width = width})) {
    commands.push(lab::command::Reset{"layer", layer});
  }
  ImGui::SameLine(0, Metrics::kGap);
  if (button(
          "reset_all", "Reset all",
          {.icon = Icon::reset, .tooltip = "The whole model as it was loaded.", .enabled = edited, .width = width})) {
    commands.push(lab::command::Reset{"all", ""});
  }
}

}  // namespace

void edits_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const auto& steps = view.document().edit.steps;
  const Card card("edits",
                  steps.empty() ? "Edits" : std::to_string(steps.size()) + (steps.size() == 1 ? " edit" : " edits"));
  if (steps.empty()) {
    text("None yet. Every change you make can be undone, to the last bit.", Role::quiet, true);
  } else {
    constexpr std::size_t kShown = 5;
    for (std::size_t k = 0; k < steps.size() && k < kShown; ++k) {
      text_fitted(steps[steps.size() - 1 - k].words, card.width(), k == 0 ? Role::body : Role::quiet);
    }
    if (steps.size() > kShown) text("and " + std::to_string(steps.size() - kShown) + " before", Role::quiet);
  }
  if (const std::size_t dropped = view.lab.history().dropped(); dropped > 0) {
    text(std::to_string(dropped) + " older steps can no longer be undone.", Role::quiet, true);
  }
  ImGui::Dummy({0, 2});
  reset_buttons(view, commands);
}

}  // namespace weightroom::ui
