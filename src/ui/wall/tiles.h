#pragma once

#include <map>
#include <optional>
#include <span>

#include "document/paged_weights.h"
#include "ui/panel.h"
#include "ui/wall/layout.h"
#include "ui/wall/levels.h"

// Large layers on the wall: at each zoom the coarseness that the screen can show, in tiles that are loaded as they come
// into view, a few a frame.
namespace weightroom::ui::wall {

// Tensors of more weights than this are drawn in tiles.
inline constexpr std::size_t kLarge = 400'000;

// What is remembered of a large layer between frames.
class Tiles {
 public:
  // A block of the layer's main tensor, and what is seen of it.
  struct Place {
    const Layout& layout;
    const Window& window;
    int block = 0;
    ImVec2 from;  // of what is clipped
    ImVec2 to;
  };
  // Draws the main tensor, all blocks on one scale, which it returns. Asks for another frame while something is still
  // to be loaded.
  float draw(const View& view, document::Overlay overlay, std::span<const Place> blocks, const gfx::Wall& wall);

 private:
  class Drawing;
  struct Plane {
    explicit Plane(const Grid& grid) : levels(grid) {}
    Levels levels;
    std::optional<document::Overlay> overlay;
    document::PagedWeights seen;  // the weights that the levels were read from
    std::uint64_t data_version = 0;
    bool current = false;    // every level is as the weights are
    bool seen_once = false;  // and was once, under this overlay
    float scale = 0.0F;
    std::uint64_t born = 0;  // what the revisions of its textures begin from
  };
  Plane& plane_of(const View& view, const Place& place, const Grid& grid);
  static void follow(Plane& plane, const View& view, document::Overlay overlay);

  std::map<int, Plane> planes_;  // by block
};

}  // namespace weightroom::ui::wall
