#include "ui/network/layout.h"

#include <algorithm>
#include <cmath>

#include "ui/network/words.h"
#include "ui/widgets/scale_line.h"

namespace weightroom::ui::network {
namespace {

constexpr float kBetween = 4.0F;         // layers of a stage
constexpr float kBetweenStages = 24.0F;  // with an arrow
constexpr int kFewColumns = 3;           // of maps in a layer that is not chosen

int above(int value, int by) { return (value + by - 1) / by; }

// At least one row, whatever the window.
int rows_of(float height, float pitch) { return std::max(1, static_cast<int>((height + 4.0F) / pitch)); }

bool begins_stage(const nn::Node& node) { return node.op != nullptr && node.op->traits.opens_stage; }

void size_maps(LayerBox& box, bool chosen, float height) {
  box.rows = rows_of(height, StripLayout::kThumb + 4.0F);
  const float pitch = std::max(StripLayout::kThumb + 4.0F, std::floor((height + 4.0F) / static_cast<float>(box.rows)));
  box.cell = {pitch, pitch};
  box.size = {pitch - 4.0F, pitch - 4.0F};
  const int needed = above(box.channels, box.rows);
  box.columns = chosen ? needed : std::min(needed, kFewColumns);
}

void size_bars(LayerBox& box, bool chosen, float height) {
  constexpr float kPitch = 8.0F;
  box.rows = std::clamp(static_cast<int>(height / 48.0F), 1, 3);
  box.cell = {kPitch, height / static_cast<float>(box.rows)};
  box.size = {kPitch - 2.0F, box.cell.y - 8.0F};
  const int needed = above(box.channels, box.rows);
  box.columns = chosen ? needed : std::min(needed, static_cast<int>(StripLayout::kNarrowest / kPitch));
}

void size_answer(LayerBox& box, float height) {
  box.cell = {126.0F, 22.0F};
  box.size = {118.0F, 22.0F};
  box.rows = std::max(1, static_cast<int>(height / box.cell.y));
  box.columns = above(box.channels, box.rows);
  box.rows = above(box.channels, box.columns);  // columns of equal length
}

LayerBox make_box(const nn::Graph& graph, int node, int chosen, float height) {
  LayerBox box;
  box.node = node;
  box.channels = graph.nodes()[static_cast<std::size_t>(node)].output.c();
  if (node == 0) {
    box.kind = Kind::picture;
    box.columns = std::min(box.channels, kFewColumns);
    box.rows = 1;
    box.cell = {StripLayout::kThumb + 4.0F, StripLayout::kThumb + 4.0F};
    box.size = {StripLayout::kThumb, StripLayout::kThumb};
    box.picture = std::clamp(height - StripLayout::kThumb - 4.0F, StripLayout::kThumb, StripLayout::kNarrowest);
  } else if (is_answer(graph, node)) {
    box.kind = Kind::answer;
    size_answer(box, height);
  } else if (is_flat(graph, node)) {
    box.kind = Kind::bars;
    size_bars(box, node == chosen, height);
  } else {
    size_maps(box, node == chosen, height);
  }
  box.shown = std::min(box.channels, box.rows * box.columns);
  // The last place says how many more there are.
  if (box.shown < box.channels) box.shown = box.kind == Kind::bars ? box.shown - box.columns : box.shown - 1;
  const float used = static_cast<float>(box.columns - 1) * box.cell.x + box.size.x;
  box.width = std::max(used, StripLayout::kNarrowest) + 2 * StripLayout::kPad;
  return box;
}

}  // namespace

ImVec2 LayerBox::place(int i) const {
  // Bars read from left to right; maps from top to bottom, so that they stay where they are when their layer opens.
  const int column = kind == Kind::bars || kind == Kind::picture ? i % columns : i / rows;
  const int row = kind == Kind::bars || kind == Kind::picture ? i / columns : i % rows;
  return {static_cast<float>(column) * cell.x, static_cast<float>(row) * cell.y};
}

StripLayout lay_out(const nn::Graph& graph, int chosen, float height) {
  StripLayout layout;
  layout.height = height;
  layout.maps = height - StripLayout::kPad - StripLayout::kHeader - kScaleLine - 2 * StripLayout::kPad;
  int stage = 0;
  float x = 0.0F;
  for (int node = 0; node < static_cast<int>(graph.nodes().size()); ++node) {
    LayerBox box = make_box(graph, node, chosen, layout.maps);
    const nn::Node& layer = graph.nodes()[static_cast<std::size_t>(node)];
    if (node == 1 || begins_stage(layer)) ++stage;
    box.stage = stage;
    if (node > 0) x += layout.boxes.back().stage == stage ? kBetween : kBetweenStages;
    box.x = x;
    x += box.width;
    layout.boxes.push_back(box);
  }
  layout.width = x;
  return layout;
}

}  // namespace weightroom::ui::network
