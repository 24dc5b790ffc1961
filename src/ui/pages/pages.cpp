// What the middle column shows: the layers, or one of the questions about them.
#include <array>

#include "ui/context.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {

void pages_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  constexpr std::array<std::string_view, document::kPages> kTitles{
      "Layers", "Edit", "Accuracy", "Size", "Curves", "Difference", "Compare", "Trust", "Weights", "Units"};
  constexpr std::array<std::string_view, document::kPages> kHelp{
      "The network layer by layer, with its feature maps and every weight.",
      "One operation on many weights: prune, quantise, scale, shuffle. Choose them on the wall.",
      "How often the model is right on a set of pictures, and what every edit changes in that.",
      "What the model takes as a file, layer by layer, and in how few bytes it could be stored.",
      "How the accuracy depends on one weight, on the share pruned, on bits, or on two weights at once.",
      "The loaded and the edited model on this picture: the first layer where they part, and how far.",
      "Maps of several methods side by side, or one method for several classes.",
      "Does a map depend on what the network has learnt? Does it find what counts?",
      "Which weights count most for this answer, and which would change it by themselves.",
      "What a class or a channel wants to see, and the smallest change that gives another answer."};
  int chosen = static_cast<int>(view.document().study.page);
  if (segmented("page", kTitles, chosen))
    commands.push(document::command::OpenPage{document::kPageNames[static_cast<std::size_t>(chosen)]});
  for (std::size_t i = 0; i < kHelp.size(); ++i) {
    const auto place = context().rects.find("page/" + std::to_string(i));
    if (!place) continue;
    note_rect(std::string("page/") + document::kPageNames[i], place->from, place->to);
    if (ImGui::IsMouseHoveringRect(place->from, place->to)) tooltip(kHelp[i]);
  }
  ImGui::Dummy({0, 4.0F});
}

}  // namespace weightroom::ui
