#pragma once

#include <optional>
#include <vector>

#include <imgui.h>

#include "nn/weight_ref.h"

// Where each weight of a layer lies on the wall. Lengths are in units of one weight unless they say points.
namespace weightroom::ui::wall {

struct Layout {
  int node = -1;
  int main = -1;             // tensor of the tiles: (O,I,h,w), or (O,I) of a linear layer; -1: none (batch_norm)
  std::vector<int> vectors;  // tensors of one number a row: the bias
  bool matrix = false;       // a row is one long tile of `width` weights
  int rows = 0;              // output channels
  int columns = 0;           // tiles in a row: input channels
  int height = 1;            // of a tile
  int width = 1;
  float gap = 0.0F;  // between tiles
  // Few tiles in a row leave the wall tall and thin; the rows then go on in a second block beside the first.
  int blocks = 1;
  int rows_each = 0;
  float gutter = 0.0F;   // points left of a block, for its rows' names
  float fitting = 1.0F;  // points along a weight at which all of it fits
  ImVec2 room;           // points

  [[nodiscard]] float row_pitch() const { return static_cast<float>(height) + gap; }
  [[nodiscard]] float tiles_width() const;
  [[nodiscard]] float vector_at(int k) const;  // left edge of vector k in its block
  [[nodiscard]] float block_width() const;
  [[nodiscard]] float block_height() const;
  [[nodiscard]] int rows_in(int block) const;
};

inline constexpr float kVectorGap = 1.0F;
inline constexpr float kBlockGap = 1.0F;
inline constexpr float kMostZoom = 96.0F;

// `gutter`: points that the widest row name takes. Nothing for a layer without weights.
[[nodiscard]] std::optional<Layout> lay_out(const nn::Graph& graph, int node, ImVec2 room, float gutter);

// The wall through its window.
struct Window {
  ImVec2 from;  // points on the screen: where column 0 and row 0 begin when nothing is panned
  float zoom = 1.0F;
  [[nodiscard]] float block_step(const Layout& l) const { return l.gutter + (l.block_width() + kBlockGap) * zoom; }
  [[nodiscard]] float x(const Layout& l, int block, float units) const {
    return from.x + static_cast<float>(block) * block_step(l) + l.gutter + units * zoom;
  }
  [[nodiscard]] float y(float units) const { return from.y + units * zoom; }
};
// Of a user's zoom (0: fit) and the wall's place under the window's corner; both are brought within what there is.
[[nodiscard]] Window window_at(const Layout& layout, ImVec2 corner, float& zoom, float& x, float& y);
// The wall's whole size in points at this zoom.
[[nodiscard]] ImVec2 extent(const Layout& layout, float zoom);

struct Cell {
  nn::WeightRef ref;
  int row = 0;
  int tile = -1;  // input channel; -1: of a vector
};
// Under a point of the screen.
[[nodiscard]] std::optional<Cell> cell_at(const Layout& layout, const Window& window, ImVec2 point);

struct Box {
  ImVec2 from;
  ImVec2 to;
};
[[nodiscard]] Box cell_box(const nn::Graph& graph, const Layout& layout, const Window& window, nn::WeightRef ref);
// The tile around a weight of the main tensor (of a matrix: its row).
[[nodiscard]] Box tile_box(const Layout& layout, const Window& window, const Cell& cell);

// The same point of the wall stays under `anchor` while the zoom changes: new x and y for window_at.
void zoom_around(const Layout& layout, const Window& window, ImVec2 corner, ImVec2 anchor, float factor, float& zoom,
                 float& x, float& y);

}  // namespace weightroom::ui::wall
