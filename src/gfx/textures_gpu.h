#pragma once

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "gfx/gl.h"
#include "gfx/textures.h"

// The half of Textures that speaks OpenGL; nobody outside gfx includes this.
namespace weightroom::gfx {

inline constexpr int kBorder = 1;  // pixels around each map of a sheet

enum class Kind { none, sheet, picture, wall };

struct MapInput {
  std::vector<float> values;  // (count, height, width)
  int count = 0;
  int width = 0;
  int height = 0;
  int columns = 1;
  int enlarge = 1;
  Ground ground = Ground::light;
  bool smooth = false;
  std::vector<float> scales;
};

struct Textures::Entry {
  Kind kind = Kind::none;
  std::uint64_t revision = 0;
  std::uint64_t last_used = 0;
  int width = 0;  // of the output
  int height = 0;
  bool values_changed = false;
  bool style_changed = false;
  bool pixels = false;
  std::vector<std::uint8_t> rgba;
  MapInput map;
  GLuint output = 0;  // what ImGui draws
  GLuint values = 0;  // R32F
  GLuint scales = 0;  // R32F

  // After a lost context: nothing of it is on the GPU any more.
  void forget() {
    output = values = scales = 0;
    values_changed = style_changed = true;
  }
};

struct Textures::WallCall {
  Textures* owner = nullptr;
  const Entry* entry = nullptr;
  Wall wall;
  ImVec2 from;
  ImVec2 to;
};

struct Textures::Gpu {
  Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  void forget();  // the context and all its names are gone: delete nothing
  [[nodiscard]] GLuint name();
  void release(Entry& entry);
  void update(Entry& entry);
  void draw_wall(const WallCall& call, const ImVec4& clip);

 private:
  void update_picture(Entry& entry);
  void update_values(Entry& entry);
  void render_sheet(Entry& entry);
  void bind_values(GLuint program, const Entry& entry);
  GLuint palette_texture(Ground ground);
  GLint uniform(GLuint program, const char* name);  // name: a literal

  GLuint sheet_program_ = 0;
  GLuint wall_program_ = 0;
  bool checked_ = false;
  GLuint vertex_array_ = 0;  // empty: corners come from gl_VertexID
  GLuint framebuffer_ = 0;
  GLint largest_side_ = 2048;
  std::array<GLuint, 3> palettes_{};
  std::map<std::pair<GLuint, std::string_view>, GLint> uniforms_;
};

}  // namespace weightroom::gfx
