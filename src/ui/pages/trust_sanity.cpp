// Layers are given random weights and every map is made again: a method whose map stays does not look at the network.
#include <algorithm>
#include <cmath>

#include <strings/trust.h>

#include "studies/trust.h"
#include "ui/context.h"
#include "ui/pages/study_bar.h"
#include "ui/pages/trust_view.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

using studies::Sanity;

// Of many layers some, the first and the last among them: as many maps beside that of the trained network as can be
// told apart and named.
std::vector<std::size_t> shown_layers(std::size_t count, float width) {
  std::vector<std::size_t> shown;
  const std::size_t most = std::min<std::size_t>(count, width < 420.0F ? 4 : 7);
  for (std::size_t k = 0; k < most; ++k) shown.push_back(most == 1 ? count - 1 : k * (count - 1) / (most - 1));
  return shown;
}

void draw_maps(const View& view, float width) {
  const Sanity& found = view.lab.engine().study().get<studies::Sanity>();
  const auto shown = shown_layers(found.layers.size(), width);
  const float line = font_height(fonts().body);
  const auto columns = static_cast<float>(shown.size() + 1);
  const float side = std::min(110.0F, (width - (columns - 1) * 6.0F) / columns);
  const float each = side + 6.0F;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool cascading = view.document().choice<studies::TrustChoice>().shuffle == explain::Shuffle::cascading;
  const auto heading = [&](std::size_t column, const std::string& words, const std::string& help) {
    const float x = from.x + each * static_cast<float>(column);
    draw_text(list, fonts().body, {x, from.y}, colours().quiet, shortened(words, side, fonts().body));
    if (ImGui::IsMouseHoveringRect({x, from.y}, {x + side, from.y + line}) && begin_tooltip(true)) {
      text(help);
      end_tooltip();
    }
  };
  heading(0, tr(text::trust_sanity_trained), tr(text::trust_sanity_trained_help));
  for (std::size_t k = 0; k < shown.size(); ++k) {
    const std::string& name = node_name(view.document(), found.layers[shown[k]]);
    heading(k + 1, name, tr(cascading ? text::trust_sanity_behind : text::trust_sanity_alone, {{"layer", name}}));
  }
  float y = from.y + line + 4.0F;
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    const Sanity::Row& row = found.rows[r];
    list.AddRectFilled({from.x, y + 6.0F}, {from.x + 14.0F, y + line - 4.0F}, line_colour(static_cast<int>(r)), 3.0F);
    draw_text(list, fonts().strong, {from.x + 22.0F, y}, colours().ink, tr(row.method->title));
    y += line + 2.0F;
    for (std::size_t k = 0; k <= shown.size(); ++k) {
      const Frame frame{{from.x + each * static_cast<float>(k), y},
                        {from.x + each * static_cast<float>(k) + side, y + side}};
      const bool trained = k == 0;
      const std::size_t layer = trained ? 0 : shown[k - 1];
      const bool known = trained ? !row.trained.values.empty() : layer < row.maps.size();
      const MapTile tile{"sanity/" + std::to_string(r) + "/" + std::to_string(k),
                         row.version + (trained ? 0 : layer + 1),
                         known ? (trained ? &row.trained : &row.maps[layer]) : nullptr, 0.0F};
      ImGui::SetCursorScreenPos(frame.from);
      ImGui::Dummy({side, side});
      note_item("sanity/" + std::string(row.method->name) + "/" + std::to_string(k));
      draw_map_tile(view, tile, frame);
      if (known)
        read_map_tile(
            tile, frame,
            trained ? tr(text::trust_sanity_trained_of, {{"method", row.method->title}})
                    : tr(text::trust_sanity_correlation, {{"value", decimal(row.steps[layer].rank_of_sizes, 2)}}));
    }
    y += side + 8.0F;
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, y - from.y});
}

void draw_plot(const View& view) {
  const Sanity& found = view.lab.engine().study().get<studies::Sanity>();
  std::vector<std::string> names{tr(text::trust_sanity_trained)};
  for (const int node : found.layers) names.push_back(node_name(view.document(), node));
  std::vector<PlotLine> lines;
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    PlotLine rank{tr(found.rows[r].method->title), line_colour(static_cast<int>(r)), {0.0}, {1.0}};
    PlotLine structure{tr(text::trust_sanity_structure, {{"method", rank.label}}), rank.colour, {0.0}, {1.0}, true};
    for (const explain::SanityRow& step : found.rows[r].steps) {
      const auto x = static_cast<double>(rank.x.size());
      rank.x.push_back(x);
      rank.y.push_back(step.rank_of_sizes);
      structure.x.push_back(x);
      structure.y.push_back(step.structure);
    }
    lines.push_back(std::move(rank));
    lines.push_back(std::move(structure));
  }
  double least = 0.0;
  for (const PlotLine& line : lines) {
    for (const double y : line.y) least = std::min(least, y);
  }
  const bool cascading = view.document().choice<studies::TrustChoice>().shuffle == explain::Shuffle::cascading;
  plot("sanity/plot", lines,
       {.left = 0.0,
        .right = std::max(1.0, static_cast<double>(found.layers.size())),
        .bottom = std::floor(least * 5.0) / 5.0,
        .top = 1.0,
        .x_title = tr(cascading ? text::trust_sanity_x_cascading : text::trust_sanity_x_alone),
        .y_title = tr(text::trust_sanity_y),
        .x_names = names,
        .marks_points = true},
       230.0F);
  text(say(text::trust_sanity_lines), Role::quiet, true);
}

// In one sentence each, what is left once the upper half of the layers is random.
void draw_verdicts(const View& view) {
  const Sanity& found = view.lab.engine().study().get<studies::Sanity>();
  if (view.document().choice<studies::TrustChoice>().shuffle != explain::Shuffle::cascading) return;
  for (const Sanity::Row& row : found.rows) {
    if (row.steps.size() < found.layers.size() || row.steps.empty()) continue;
    const explain::SanityRow& half = row.steps[explain::upper_half(row.steps.size()) - 1];
    const double left = std::max(half.rank_of_sizes, half.structure);
    const Text verdict = left >= 0.6    ? text::trust_sanity_verdict_picture
                         : left >= 0.35 ? text::trust_sanity_verdict_part
                                        : text::trust_sanity_verdict_learned;
    text(tr(verdict, {{"method", row.method->title}, {"value", decimal(left, 2)}}),
         left >= 0.6 ? Role::danger : Role::body, true);
  }
}

}  // namespace

void draw_sanity(const View& view, float width) {
  const Sanity& found = view.lab.engine().study().get<studies::Sanity>();
  text(say(text::trust_sanity_help), Role::quiet, true);
  if (found.rows.empty()) return;
  draw_maps(view, width);
  draw_plot(view);
  draw_verdicts(view);
  text(say(text::trust_sanity_passed), Role::quiet, true);
}

}  // namespace weightroom::ui
