#include "ui/wall/layout.h"

#include <algorithm>
#include <cmath>

#include "base/whole.h"

namespace weightroom::ui::wall {
namespace {

constexpr int kMostBlocks = 8;
constexpr float kMostFitting = 32.0F;  // points: a handful of weights need not fill the screen
constexpr float kWorthIt = 1.12F;      // another block must enlarge the weights by this much

float fitting(const Layout& l) {
  const auto blocks = static_cast<float>(l.blocks);
  const float across = (l.room.x - blocks * l.gutter) / (blocks * l.block_width() + (blocks - 1) * kBlockGap);
  return std::max(0.05F, std::min({across, l.room.y / l.block_height(), kMostFitting}));
}

void choose_blocks(Layout& l) {
  l.blocks = 1;
  l.rows_each = l.rows;
  l.fitting = fitting(l);
  for (int blocks = 2; blocks <= std::min(kMostBlocks, l.rows); ++blocks) {
    Layout other = l;
    other.blocks = blocks;
    other.rows_each = (l.rows + blocks - 1) / blocks;
    if (other.rows_each * (blocks - 1) >= l.rows) continue;  // the last one would be empty
    other.fitting = fitting(other);
    if (other.fitting > l.fitting * kWorthIt) l = other;
  }
}

int block_of(const Layout& l, int row) { return row / l.rows_each; }

}  // namespace

float Layout::tiles_width() const {
  if (main < 0) return 0.0F;
  return static_cast<float>(columns) * (static_cast<float>(width) + gap) - gap;
}

float Layout::vector_at(int k) const {
  return (main < 0 ? 0.0F : tiles_width() + kVectorGap) + static_cast<float>(k) * (1.0F + kVectorGap);
}

float Layout::block_width() const {
  return vectors.empty() ? tiles_width() : vector_at(static_cast<int>(vectors.size()) - 1) + 1.0F;
}

float Layout::block_height() const { return static_cast<float>(rows_each) * row_pitch() - gap; }

int Layout::rows_in(int block) const { return std::min(rows_each, rows - block * rows_each); }

std::optional<Layout> lay_out(const nn::Graph& graph, int node, ImVec2 room, float gutter) {
  const nn::Node& layer = graph.nodes()[static_cast<std::size_t>(node)];
  if (layer.weights.empty()) return std::nullopt;
  Layout l;
  l.node = node;
  l.room = {std::max(room.x, 1.0F), std::max(room.y, 1.0F)};
  l.gutter = gutter;
  for (int tensor : layer.weights) {
    const nn::Shape& shape = graph.weights()[static_cast<std::size_t>(tensor)].shape;
    l.rows = shape[0];
    if (shape.rank() < 2) {
      l.vectors.push_back(tensor);
      continue;
    }
    l.main = tensor;
    l.matrix = shape.rank() == 2;
    l.columns = l.matrix ? 1 : shape[1];
    l.height = l.matrix ? 1 : shape[2];
    l.width = l.matrix ? shape[1] : shape[3];
  }
  l.gap = l.matrix || l.main < 0 ? 0.0F : l.height * l.width == 1 ? 0.15F : 0.5F;
  if (l.matrix) {
    // One block, its rows moved apart until their names have room or the window is full.
    l.rows_each = l.rows;
    l.fitting = fitting(l);
    const float pitch = std::min(l.room.y / static_cast<float>(l.rows), 20.0F);
    l.gap = std::max(0.0F, pitch / l.fitting - 1.0F);
    l.fitting = fitting(l);
  } else {
    choose_blocks(l);
  }
  return l;
}

ImVec2 extent(const Layout& l, float zoom) {
  const auto blocks = static_cast<float>(l.blocks);
  return {blocks * (l.gutter + l.block_width() * zoom) + (blocks - 1) * kBlockGap * zoom, l.block_height() * zoom};
}

Window window_at(const Layout& l, ImVec2 corner, float& zoom, float& x, float& y) {
  const float used = zoom > 0.0F ? std::clamp(zoom, l.fitting, std::max(l.fitting, kMostZoom)) : l.fitting;
  if (zoom > 0.0F) zoom = used;
  const ImVec2 all = extent(l, used);
  x = std::clamp(x, 0.0F, std::max(0.0F, (all.x - l.room.x) / used));
  y = std::clamp(y, 0.0F, std::max(0.0F, (all.y - l.room.y) / used));
  // What is smaller than the window stands in its middle.
  const ImVec2 spare{std::max(0.0F, l.room.x - all.x) / 2, std::max(0.0F, l.room.y - all.y) / 2};
  return {{std::floor(corner.x + spare.x) - x * used, std::floor(corner.y + spare.y) - y * used}, used};
}

std::optional<Cell> cell_at(const Layout& l, const Window& w, ImVec2 point) {
  const int block = base::whole_within(std::floor((point.x - w.from.x) / w.block_step(l)), -1, l.blocks);
  if (block < 0 || block >= l.blocks) return std::nullopt;
  const float across = (point.x - w.x(l, block, 0.0F)) / w.zoom;
  const float down = (point.y - w.from.y) / w.zoom;
  const int within = base::whole_within(std::floor(down / l.row_pitch()), -1, l.rows_each);
  if (across < 0.0F || within < 0 || within >= l.rows_in(block)) return std::nullopt;
  const int row = block * l.rows_each + within;
  for (int k = 0; k < static_cast<int>(l.vectors.size()); ++k) {
    const float at = across - l.vector_at(k);
    if (at >= 0.0F && at < 1.0F)
      return Cell{{l.vectors[static_cast<std::size_t>(k)], static_cast<std::size_t>(row)}, row, -1};
  }
  if (l.main < 0 || across >= l.tiles_width()) return std::nullopt;
  const float pitch = static_cast<float>(l.width) + l.gap;
  const int tile = base::whole_within(across / pitch, 0, l.columns - 1);
  const int v = static_cast<int>(across - static_cast<float>(tile) * pitch);
  const int u = static_cast<int>(down - static_cast<float>(within) * l.row_pitch());
  if (u >= l.height || v >= l.width) return std::nullopt;
  const auto element =
      ((static_cast<std::size_t>(row) * static_cast<std::size_t>(l.columns) + static_cast<std::size_t>(tile)) *
           static_cast<std::size_t>(l.height) +
       static_cast<std::size_t>(u)) *
          static_cast<std::size_t>(l.width) +
      static_cast<std::size_t>(v);
  return Cell{{l.main, element}, row, tile};
}

Box cell_box(const nn::Graph& graph, const Layout& l, const Window& w, nn::WeightRef ref) {
  const nn::Shape& shape = graph.weights()[static_cast<std::size_t>(ref.tensor)].shape;
  const std::size_t per_row = shape.size() / static_cast<std::size_t>(shape[0]);
  const int row = static_cast<int>(ref.element / per_row);
  const int block = block_of(l, row);
  float x = 0.0F;
  float y = static_cast<float>(row - block * l.rows_each) * l.row_pitch();
  if (ref.tensor == l.main) {
    const int rest = static_cast<int>(ref.element % per_row);
    const int area = l.height * l.width;
    const int kernel = rest / area;
    const int row_in = rest % area / l.width;
    x = static_cast<float>(kernel) * (static_cast<float>(l.width) + l.gap) + static_cast<float>(rest % area % l.width);
    y += static_cast<float>(row_in);
  } else {
    const auto k = std::ranges::find(l.vectors, ref.tensor) - l.vectors.begin();
    x = l.vector_at(static_cast<int>(k));
    y += static_cast<float>(l.height - 1) / 2;
  }
  const ImVec2 from{w.x(l, block, x), w.y(y)};
  return {from, {from.x + w.zoom, from.y + w.zoom}};
}

Box tile_box(const Layout& l, const Window& w, const Cell& cell) {
  const int block = block_of(l, cell.row);
  const float y = static_cast<float>(cell.row - block * l.rows_each) * l.row_pitch();
  const float x = static_cast<float>(cell.tile) * (static_cast<float>(l.width) + l.gap);
  const ImVec2 from{w.x(l, block, x), w.y(y)};
  return {from, {from.x + w.zoom * static_cast<float>(l.width), from.y + w.zoom * static_cast<float>(l.height)}};
}

void zoom_around(const Layout& l, const Window& w, ImVec2 corner, ImVec2 anchor, float factor, float& zoom, float& x,
                 float& y) {
  const int block = base::whole_within((anchor.x - w.from.x) / w.block_step(l), 0, l.blocks - 1);
  const float across = (anchor.x - w.x(l, block, 0.0F)) / w.zoom;
  const float down = (anchor.y - w.from.y) / w.zoom;
  zoom = std::clamp(w.zoom * factor, l.fitting, std::max(l.fitting, kMostZoom));
  const Window after{{0.0F, 0.0F}, zoom};
  x = (after.x(l, block, across) - (anchor.x - corner.x)) / zoom;
  y = (after.y(down) - (anchor.y - corner.y)) / zoom;
}

}  // namespace weightroom::ui::wall
