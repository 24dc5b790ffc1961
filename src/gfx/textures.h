#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <imgui.h>

#include "gfx/colour.h"

namespace weightroom::gfx {

// Where a picture lies in a texture, as ImDrawList::AddImage takes it.
struct Sprite {
  ImTextureID id{};
  ImVec2 uv0{0.0F, 0.0F};
  ImVec2 uv1{1.0F, 1.0F};
  [[nodiscard]] explicit operator bool() const { return id != ImTextureID{}; }
};

// Many maps of one size in one texture: a whole layer draws with one call.
struct Sheet {
  ImTextureID id{};
  int columns = 1;
  int count = 0;
  ImVec2 origin;  // of map 0, in texture coordinates
  ImVec2 size;    // of a map
  ImVec2 step;    // from a map to its neighbour
  [[nodiscard]] Sprite sprite(int i) const;
};

// How values become colours.
struct MapStyle {
  Ground ground = Ground::light;
  bool smooth = false;              // interpolate the values between their centres; false: each value a crisp square
  std::span<const float> scales{};  // the colours span -scale .. +scale: one for all maps, or one each
};

// A weight wall: tiles of `width` x `height` values, `columns` side by side.
struct Wall {
  ImVec2 origin{};           // window position of tile 0's corner
  ImVec2 value_size{4, 4};   // points across and down one value
  ImVec2 gap{2, 2};          // points between tiles
  float hairline = 0.0F;     // points between the values of a tile
  ImVec4 paper{1, 1, 1, 1};  // between the tiles
  float opacity = 1.0F;
};

// All textures of the program by name. A panel says every frame what it shows; what changed since the last frame is
// copied here and goes to the GPU in upload(). The copies bring everything back when the context is lost. What nobody
// asked for during kKeepFrames frames is dropped. Without start() (headless tests) nothing touches OpenGL and ids are
// counted from 1.
class Textures {
 public:
  static constexpr int kKeepFrames = 240;

  Textures();
  Textures(const Textures&) = delete;
  Textures& operator=(const Textures&) = delete;
  ~Textures();

  void start();             // a context is current
  void context_lost();      // every GL name is gone
  void context_restored();  // made again from the copies, in the next upload()

  // `revision`: any number that changes with the values; equal key, revision, extents and style upload nothing.

  // One signed map (height, width).
  [[nodiscard]] Sprite heatmap(std::string_view key, std::uint64_t revision, std::span<const float> values, int width,
                               int height, const MapStyle& style);
  // `count` maps one after another (count, height, width), such as the channels of an activation.
  [[nodiscard]] Sheet sheet(std::string_view key, std::uint64_t revision, std::span<const float> values, int count,
                            int width, int height, const MapStyle& style);
  // (height, width, 4) RGBA, which may be left empty where the revision is the one that is held(). pixels: enlarged as
  // crisp squares (what a small model sees); else smooth with mipmaps.
  [[nodiscard]] Sprite picture(std::string_view key, std::uint64_t revision, std::span<const std::uint8_t> rgba,
                               int width, int height, bool pixels);

  // Draws `count` tiles of (height, width) values into the clip rectangle of `list`; (columns) of them side by side.
  // A conv2d weight (O,I,h,w) with columns = I shows a row for each kernel. `values` may be left empty where the
  // revision is the one that is held(). After the last wall of a batch, end_walls().
  void wall(ImDrawList& list, std::string_view key, std::uint64_t revision, std::span<const float> values, int count,
            int columns, int width, int height, const MapStyle& style, ImVec2 from, ImVec2 to, const Wall& wall);
  static void end_walls(ImDrawList& list);
  // The revision of the values that a key has, if it has any.
  [[nodiscard]] std::optional<std::uint64_t> held(std::string_view key) const;
  // And what its colours span, as MapStyle::scales; empty where there is no such key.
  [[nodiscard]] std::span<const float> scales(std::string_view key) const;

  void begin_frame();  // before the panels draw
  void upload();       // after the jobs and before rendering

  // Rises with every context restored.
  [[nodiscard]] int generation() const { return generation_; }
  [[nodiscard]] std::size_t entries() const { return entries_.size(); }

 private:
  struct Entry;
  struct Gpu;
  struct WallCall;
  Entry& touch(std::string_view key);
  Entry& values_entry(std::string_view key, std::uint64_t revision, std::span<const float> values, int count, int width,
                      int height, const MapStyle& style);
  static void draw_wall(const ImDrawList* list, const ImDrawCmd* command);

  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  std::vector<std::unique_ptr<WallCall>> walls_;
  std::unique_ptr<Gpu> gpu_;
  std::uint64_t frame_ = 0;
  int generation_ = 0;
  std::uintptr_t unnamed_ = 0;  // ids given without OpenGL
};

}  // namespace weightroom::gfx
