#include "ui/wall/tiles.h"

#include <algorithm>
#include <cmath>

#include "base/whole.h"
#include "ui/context.h"
#include "ui/wall/values.h"

namespace weightroom::ui::wall {
namespace {

constexpr double kMilliseconds = 2.0;        // a frame, for reading and for loading all blocks each
constexpr double kFirstMilliseconds = 16.0;  // for reading while there is nothing to be seen yet
constexpr int kSide = 256;                   // weights or cells along a tile

Grid grid_of(const Layout& l, const nn::GraphWeight& tensor, int block) {
  Grid grid;
  grid.rows = l.rows_in(block);
  grid.columns = l.matrix ? l.width : l.columns;
  grid.each = l.matrix ? 1 : l.width * l.height;
  grid.rows_apart = l.matrix && l.gap > 0.0F;
  grid.offset = tensor.offset + static_cast<std::size_t>(block * l.rows_each) * grid.row_size();
  return grid;
}

// How one level lies on the screen: points from cell to cell, and cells along a tile.
struct Lie {
  ImVec2 pitch;
  int tile_columns = kSide;
  int tile_rows = kSide;
};

Lie lie_of(const Layout& l, const Window& w, const Levels& levels, int level) {
  const float gap = l.matrix ? 0.0F : l.gap;
  const float across = (l.matrix ? 1.0F : static_cast<float>(l.width)) + gap;
  Lie lie;
  lie.pitch = {across * w.zoom * static_cast<float>(levels.joins_columns(level)),
               l.row_pitch() * w.zoom * static_cast<float>(levels.joins_rows(level))};
  if (level == 0 && !l.matrix) {
    lie.tile_columns = std::max(1, kSide / l.width);
    lie.tile_rows = std::max(1, kSide / l.height);
  }
  return lie;
}

// The finest one whose cells each reach a pixel of the screen: nothing falls between two.
int level_for(const Layout& l, const Window& w, const Levels& levels) {
  const float ratio = std::max(ImGui::GetIO().DisplayFramebufferScale.x, 0.5F);
  if (w.zoom * ratio >= 1.0F) return 0;
  for (int level = 1; level < levels.count(); ++level) {
    const ImVec2 pitch = lie_of(l, w, levels, level).pitch;
    if (std::min(pitch.x, pitch.y) * ratio >= 1.0F) return level;
  }
  return levels.count() - 1;
}

}  // namespace

Tiles::Plane& Tiles::plane_of(const View& view, const Place& place, const Grid& grid) {
  if (const auto at = planes_.find(place.block); at != planes_.end() && !(at->second.levels.grid() == grid))
    planes_.erase(at);
  const auto [at, added] = planes_.try_emplace(place.block, grid);
  // Textures outlive what is remembered here: numbers of another time must not be theirs.
  if (added) at->second.born = static_cast<std::uint64_t>(view.time * 1000.0 + 1.0) << 24U;
  return at->second;
}

// What the levels no longer hold as it is: everything under another overlay or other gradients, else the pages that
// were set.
void Tiles::follow(Plane& plane, const View& view, document::Overlay overlay) {
  const document::PagedWeights& weights = view.document().shown_weights();
  const std::uint64_t version = data_version(view, overlay);
  const bool anew =
      plane.overlay != overlay || plane.seen.page_count() != weights.page_count() || plane.data_version != version;
  if (anew) {
    if (plane.overlay != overlay) {
      plane.scale = 0.0F;
      plane.seen_once = false;
    }
    plane.levels.change_all();
    plane.current = false;
    plane.seen = weights;
  } else if (overlay != document::Overlay::gradient && overlay != document::Overlay::ablation) {
    constexpr std::size_t kPage = document::PagedWeights::kPage;
    const Grid& grid = plane.levels.grid();
    const std::size_t past = grid.offset + grid.row_size() * static_cast<std::size_t>(grid.rows);
    for (std::size_t p = grid.offset / kPage; p * kPage < past; ++p) {
      if (weights.shares_page(plane.seen, p)) continue;
      plane.levels.change(p * kPage, (p + 1) * kPage);
      plane.current = false;
    }
    if (!plane.current) plane.seen = weights;
  }
  plane.overlay = overlay;
  plane.data_version = version;
}

// One tensor's part of a block in this frame.
class Tiles::Drawing {
 public:
  Drawing(const View& view, const Place& place, Plane& plane, gfx::Wall wall, float scale)
      : view_(view),
        place_(place),
        plane_(plane),
        wall_(wall),
        scale_(scale),
        origin_{place.window.x(place.layout, place.block, 0.0F), place.window.y(0.0F)},
        stem_("wall/" + std::to_string(place.layout.node) + "/" + std::string(overlay_name(*plane.overlay)) + "/" +
              std::to_string(place.layout.main) + "/" + std::to_string(place.block) + "/"),
        read_([&view, overlay = *plane.overlay](std::size_t first, std::span<float> out) {
          shade(view, overlay, first, out);
        }) {}

  // True once nothing of what is seen of it is missing or out of date.
  bool draw(const base::Budget& budget) {
    if (place_.to.x <= place_.from.x) return true;
    const Levels& levels = plane_.levels;
    const int wanted = level_for(place_.layout, place_.window, levels);
    const std::vector<Tile> tiles = tiles_in_view(wanted);
    const bool missing = std::ranges::any_of(tiles, [&](const Tile& tile) { return !held(tile); });
    // What has not been loaded yet is seen through the coarsest level, which is there at once.
    if (missing && wanted != levels.count() - 1)
      draw_tiles(levels.count() - 1, tiles_in_view(levels.count() - 1), budget);
    return draw_tiles(wanted, tiles, budget);
  }

 private:
  struct Tile {
    std::string key;
    int row = 0;
    int column = 0;
    int rows = 0;
    int columns = 0;
  };

  [[nodiscard]] std::vector<Tile> tiles_in_view(int level) const {
    const Levels& levels = plane_.levels;
    const Lie lie = lie_of(place_.layout, place_.window, levels, level);
    const auto range = [](float origin, float from, float to, float step, int count, int each) {
      const auto index = [&](float at) { return base::whole_within((at - origin) / step, 0, count - 1) / each; };
      return std::pair(index(from), index(to));
    };
    const auto [left, right] =
        range(origin_.x, place_.from.x, place_.to.x, lie.pitch.x, levels.columns(level), lie.tile_columns);
    const auto [top, bottom] =
        range(origin_.y, place_.from.y, place_.to.y, lie.pitch.y, levels.rows(level), lie.tile_rows);
    std::vector<Tile> tiles;
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        Tile tile{stem_ + std::to_string(level) + "/" + std::to_string(y) + "/" + std::to_string(x), y * lie.tile_rows,
                  x * lie.tile_columns, 0, 0};
        tile.rows = std::min(lie.tile_rows, levels.rows(level) - tile.row);
        tile.columns = std::min(lie.tile_columns, levels.columns(level) - tile.column);
        tiles.push_back(std::move(tile));
      }
    }
    return tiles;
  }

  // What is older than the plane was of another grid, and has other extents.
  [[nodiscard]] std::optional<std::uint64_t> held(const Tile& tile) const {
    const auto revision = view_.textures.held(tile.key);
    return revision && *revision >= plane_.born ? revision : std::nullopt;
  }

  bool draw_tiles(int level, const std::vector<Tile>& tiles, const base::Budget& budget) {
    bool complete = true;
    for (const Tile& tile : tiles) {
      const std::uint64_t version = plane_.levels.version(level, tile.row, tile.row + tile.rows);
      const auto there = held(tile);
      values_.clear();
      std::uint64_t shown = plane_.born + version;
      if (there != shown) {
        const bool load = version != 0 && !budget.spent();
        complete = complete && load;
        if (!load && !there) continue;
        if (load) {
          plane_.levels.copy(level, tile.row, tile.column, tile.rows, tile.columns, read_, values_);
        } else {
          shown = *there;  // as it was
        }
      }
      draw_tile(level, tile, shown);
    }
    return complete;
  }

  void draw_tile(int level, const Tile& tile, std::uint64_t revision) {
    const Layout& l = place_.layout;
    const float zoom = place_.window.zoom;
    const ImVec2 pitch = lie_of(l, place_.window, plane_.levels, level).pitch;
    const bool raw = level == 0;
    wall_.value_size = raw ? ImVec2{zoom, zoom} : pitch;
    wall_.gap = {raw && !l.matrix ? l.gap * zoom : 0.0F, raw ? l.gap * zoom : 0.0F};
    if (!raw && plane_.levels.grid().rows_apart) {
      wall_.value_size.y = zoom;
      wall_.gap.y = l.gap * zoom;
    }
    if (!raw) wall_.hairline = 0.0F;
    wall_.origin = {origin_.x + static_cast<float>(tile.column) * pitch.x,
                    origin_.y + static_cast<float>(tile.row) * pitch.y};
    const ImVec2 from{std::max(place_.from.x, wall_.origin.x), std::max(place_.from.y, wall_.origin.y)};
    const ImVec2 to{std::min(place_.to.x, wall_.origin.x + static_cast<float>(tile.columns) * pitch.x),
                    std::min(place_.to.y, wall_.origin.y + static_cast<float>(tile.rows) * pitch.y)};
    if (to.x <= from.x || to.y <= from.y) return;
    const bool line = raw && l.matrix;  // a row of weights is one long tile, with hairlines between them
    const int width = line ? tile.columns : raw ? l.width : 1;
    const int height = raw && !l.matrix ? l.height : 1;
    const int columns = line ? 1 : tile.columns;
    view_.textures.wall(*ImGui::GetWindowDrawList(), tile.key, revision, values_, tile.rows * columns, columns, width,
                        height, {theme().ground(), false, std::span(&scale_, 1)}, from, to, wall_);
  }

  const View& view_;
  const Place& place_;
  Plane& plane_;
  gfx::Wall wall_;
  float scale_;
  ImVec2 origin_;
  std::string stem_;
  Levels::Read read_;
  std::vector<float> values_;
};

float Tiles::draw(const View& view, document::Overlay overlay, std::span<const Place> blocks, const gfx::Wall& wall) {
  const document::Document& document = view.document();
  const auto tensor = static_cast<std::size_t>(blocks[0].layout.main);
  const auto read = [&](std::size_t first, std::span<float> out) { shade(view, overlay, first, out); };
  planes_.erase(planes_.lower_bound(static_cast<int>(blocks.size())), planes_.end());
  bool empty = false;
  for (const Place& place : blocks) {
    Plane& plane = plane_of(view, place, grid_of(place.layout, document.graph().weights()[tensor], place.block));
    follow(plane, view, overlay);
    empty = empty || !plane.seen_once;
  }
  const auto reading = base::Budget::milliseconds(empty ? kFirstMilliseconds : kMilliseconds);
  float scale = 0.0F;
  bool complete = true;
  for (const Place& place : blocks) {
    Plane& plane = planes_.at(place.block);
    if (!plane.current) {
      plane.current = plane.levels.step(read, reading);
      plane.seen_once = plane.seen_once || plane.current;
      if (plane.current || plane.scale == 0.0F) plane.scale = plane.levels.largest();
    }
    complete = complete && plane.current;
    scale = std::max(scale, plane.scale);
  }
  if (overlay == document::Overlay::value) scale = (*document.largest_loaded)[tensor];
  const auto loading = base::Budget::milliseconds(kMilliseconds);
  for (const Place& place : blocks) {
    const bool drawn = Drawing(view, place, planes_.at(place.block), wall, scale).draw(loading);
    complete = complete && drawn;
  }
  if (!complete) context().animating = true;
  return scale;
}

}  // namespace weightroom::ui::wall
