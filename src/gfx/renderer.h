#pragma once

#include <cstdint>
#include <vector>

#include <imgui.h>

#include "gfx/gl.h"

namespace weightroom::gfx {

// Draws what Dear ImGui lists. ImGui's own OpenGL backend asks the driver for all its state in every frame, to put it
// back; in a browser each question waits until the GPU process has drawn everything so far (measured: 200 ms of a frame
// in software rendering). The context is ours alone, so nothing is asked here: every frame sets what it needs.
class Renderer {
 public:
  Renderer() = default;
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;
  ~Renderer();

  void start();          // a context is current; also after it was restored
  void context_lost();   // every GL name is gone
  void fonts_changed();  // ImGui's atlas was built again
  // Clears the window to `background` and draws.
  void render(ImDrawData& frame, ImVec4 background);
  // Pixels of what was rendered last, (height, width, 3), between two points of `frame`.
  struct Pixels {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
  };
  [[nodiscard]] static Pixels read(const ImDrawData& frame, ImVec2 from, ImVec2 to);

 private:
  void set_state(const ImDrawData& frame);
  void upload(const ImDrawData& frame);
  void draw_list(const ImDrawData& frame, const ImDrawList& list, int first_vertex, int first_index);
  void point_at_vertices(int first);

  GLuint program_ = 0;
  GLint window_ = -1;
  bool checked_ = false;  // the driver has been asked whether the program linked
  GLuint vertex_array_ = 0;
  GLuint vertices_ = 0;
  GLuint indices_ = 0;
  GLuint font_ = 0;
  int pointed_at_ = -1;  // first vertex that the attributes start from
};

}  // namespace weightroom::gfx
