// The pictures of a cell of the confusion matrix; a click puts one onto the bench, with its map and its kernels.
#include <algorithm>

#include <strings/accuracy.h>
#include <strings/action.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/accuracy.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr std::size_t kMostShown = 48;
constexpr int kAnswerColumn = 2;  // where the columns are folded, the one with the picture beside its answer

// (C,H,W) bytes as (H,W,4), as the model sees them.
std::vector<std::uint8_t> rgba_of(const nn::LabelledImages& images, std::size_t i) {
  const auto bytes = images.sample(i);
  const std::size_t plane = static_cast<std::size_t>(images.height) * static_cast<std::size_t>(images.width);
  std::vector<std::uint8_t> rgba;
  rgba.reserve(plane * 4);
  for (std::size_t p = 0; p < plane; ++p) {
    for (std::size_t c = 0; c < 3; ++c) rgba.push_back(bytes[images.channels == 3 ? c * plane + p : p]);
    rgba.push_back(255);
  }
  return rgba;
}

}  // namespace

void draw_cell_pictures(const View& view, UiState& ui, CommandQueue& commands) {
  const document::Document& document = view.document();
  if (!document.selection.cell) return;
  const studies::Measure& measure = view.lab.engine().measure();
  const auto [truth, answer] = *document.selection.cell;
  Card card("cell_pictures", cell_words(document, truth, answer), theme().metrics.control);
  card.begin_trailing();
  if (icon_button("cell/close", Icon::close, say(text::action_close), {.look = Look::bare}))
    commands.push(document::command::SelectCell{"", ""});
  card.end_trailing();
  const std::vector<std::size_t> found = measure.pictures_of(truth, answer);
  if (found.empty()) return text(say(text::accuracy_cell_left), Role::quiet);
  const document::PictureSet& set = *document.labelled;
  const float line = font_height(fonts().body);
  constexpr float kSide = 72.0F;
  const float each = kSide + Metrics::kGap;
  const int columns = std::max(1, static_cast<int>((card.width() + Metrics::kGap) / each));
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const std::size_t shown = std::min(found.size(), kMostShown);
  const TabGroup stop;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t place = measure.evaluator().pictures()[found[k]];
    const ImVec2 at{from.x + each * static_cast<float>(k % static_cast<std::size_t>(columns)),
                    from.y + (kSide + line + 6.0F) * static_cast<float>(k / static_cast<std::size_t>(columns))};
    ImGui::SetCursorScreenPos(at);
    const Area tile = area("cell/picture/" + std::to_string(k), {kSide, kSide});
    const std::string key = "measured/" + set.name + "/" + std::to_string(set.images.width) + "x" +
                            std::to_string(set.images.height) + "/" + std::to_string(place);
    const std::uint64_t revision = revision_of(document.labelled);
    const bool held = view.textures.held(key) == revision;
    const gfx::Sprite sprite =
        view.textures.picture(key, revision, held ? std::vector<std::uint8_t>() : rgba_of(set.images, place),
                              set.images.width, set.images.height, set.images.width < 48);
    const ImVec2 to{at.x + kSide, at.y + kSide};
    list.AddImageRounded(sprite.id, at, to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, 6.0F);
    const bool bench = document.picture && set.images.names[place].ends_with(document.picture->name);
    if (bench || tile.hovered)
      list.AddRect(at, to, bench ? colours().accent : colours().quiet, 6.0F, ImDrawFlags_None, 2.0F);
    draw_focus(list, tile, 6.0F);
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({kSide, kSide});
    tooltip(tr(text::accuracy_cell_picture, {{"picture", set.images.names[place]}}));
    draw_text_in(list, fonts().body, {at.x, to.y}, {to.x, to.y + line}, 0.5F, colours().quiet,
                 percent(static_cast<double>(measure.answers()[found[k]].confidence)));
    if (!tile.pressed) continue;
    commands.push(document::command::OpenMeasured{static_cast<int>(place)});
    if (layout() == Layout::tabs) ui.tab = kAnswerColumn;
  }
  const std::size_t rows = (shown + static_cast<std::size_t>(columns) - 1) / static_cast<std::size_t>(columns);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({card.width(), static_cast<float>(rows) * (kSide + line + 6.0F)});
  if (shown < found.size()) text(tr(text::accuracy_cell_most, {{"shown", shown}, {"all", found.size()}}), Role::quiet);
}

}  // namespace weightroom::ui
