#include "gfx/renderer.h"

#include <algorithm>
#include <cstddef>

#include "gfx/shader.h"

namespace weightroom::gfx {
namespace {

const void* offset_of(std::size_t bytes) { return reinterpret_cast<const void*>(bytes); }

GLsizeiptr size_of(int count, std::size_t each) {
  return static_cast<GLsizeiptr>(static_cast<std::size_t>(count) * each);
}

}  // namespace

Renderer::~Renderer() {
  if (program_ == 0) return;
  glDeleteProgram(program_);
  glDeleteVertexArrays(1, &vertex_array_);
  glDeleteBuffers(1, &vertices_);
  glDeleteBuffers(1, &indices_);
  glDeleteTextures(1, &font_);
}

void Renderer::start() {
  program_ = make_program("ui.vert", "ui.frag", "");
  checked_ = false;
  glGenVertexArrays(1, &vertex_array_);
  glGenBuffers(1, &vertices_);
  glGenBuffers(1, &indices_);
  // Lists of more vertices than an index can count are split by ImGui.
  ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  if (ImGui::GetIO().Fonts->IsBuilt()) fonts_changed();
}

void Renderer::context_lost() { program_ = vertex_array_ = vertices_ = indices_ = font_ = 0; }

void Renderer::fonts_changed() {
  unsigned char* pixels = nullptr;
  int width = 0;
  int height = 0;
  ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
  if (font_ == 0) glGenTextures(1, &font_);
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, font_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
  ImGui::GetIO().Fonts->SetTexID(reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(font_)));
}

void Renderer::set_state(const ImDrawData& frame) {
  glViewport(0, 0, static_cast<GLsizei>(frame.DisplaySize.x * frame.FramebufferScale.x),
             static_cast<GLsizei>(frame.DisplaySize.y * frame.FramebufferScale.y));
  glEnable(GL_BLEND);
  glBlendEquation(GL_FUNC_ADD);
  glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  glDisable(GL_CULL_FACE);
  glDisable(GL_DEPTH_TEST);
  glEnable(GL_SCISSOR_TEST);
  glActiveTexture(GL_TEXTURE0);
  glUseProgram(program_);
  if (!checked_) {
    checked_ = true;
    check_program(program_);
    window_ = glGetUniformLocation(program_, "window");
    glUniform1i(glGetUniformLocation(program_, "image"), 0);
  }
  glUniform4f(window_, frame.DisplayPos.x, frame.DisplayPos.y, frame.DisplaySize.x, frame.DisplaySize.y);
  glBindVertexArray(vertex_array_);
  glBindBuffer(GL_ARRAY_BUFFER, vertices_);
  glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices_);
  pointed_at_ = -1;
}

void Renderer::point_at_vertices(int first) {
  if (first == pointed_at_) return;
  pointed_at_ = first;
  constexpr auto kStride = static_cast<GLsizei>(sizeof(ImDrawVert));
  const std::size_t base = static_cast<std::size_t>(first) * sizeof(ImDrawVert);
  glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, kStride, offset_of(base + offsetof(ImDrawVert, pos)));
  glVertexAttribPointer(1, 2, GL_FLOAT, GL_FALSE, kStride, offset_of(base + offsetof(ImDrawVert, uv)));
  glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, kStride, offset_of(base + offsetof(ImDrawVert, col)));
  for (GLuint i = 0; i < 3; ++i) glEnableVertexAttribArray(i);
}

// All lists one after another in fresh storage, so that nothing waits for the last frame to be drawn.
void Renderer::upload(const ImDrawData& frame) {
  glBufferData(GL_ARRAY_BUFFER, size_of(frame.TotalVtxCount, sizeof(ImDrawVert)), nullptr, GL_STREAM_DRAW);
  glBufferData(GL_ELEMENT_ARRAY_BUFFER, size_of(frame.TotalIdxCount, sizeof(ImDrawIdx)), nullptr, GL_STREAM_DRAW);
  GLintptr vertex = 0;
  GLintptr index = 0;
  for (const ImDrawList* list : frame.CmdLists) {
    const GLsizeiptr vertex_bytes = size_of(list->VtxBuffer.Size, sizeof(ImDrawVert));
    const GLsizeiptr index_bytes = size_of(list->IdxBuffer.Size, sizeof(ImDrawIdx));
    glBufferSubData(GL_ARRAY_BUFFER, vertex, vertex_bytes, list->VtxBuffer.Data);
    glBufferSubData(GL_ELEMENT_ARRAY_BUFFER, index, index_bytes, list->IdxBuffer.Data);
    vertex += vertex_bytes;
    index += index_bytes;
  }
}

void Renderer::draw_list(const ImDrawData& frame, const ImDrawList& list, int first_vertex, int first_index) {
  const ImVec2 scale = frame.FramebufferScale;
  const float width = frame.DisplaySize.x * scale.x;
  const float height = frame.DisplaySize.y * scale.y;
  for (const ImDrawCmd& command : list.CmdBuffer) {
    if (command.UserCallback == ImDrawCallback_ResetRenderState) {
      set_state(frame);
      continue;
    }
    if (command.UserCallback != nullptr) {
      command.UserCallback(&list, &command);
      continue;
    }
    const float left = std::max(0.0F, (command.ClipRect.x - frame.DisplayPos.x) * scale.x);
    const float top = std::max(0.0F, (command.ClipRect.y - frame.DisplayPos.y) * scale.y);
    const float right = std::min(width, (command.ClipRect.z - frame.DisplayPos.x) * scale.x);
    const float bottom = std::min(height, (command.ClipRect.w - frame.DisplayPos.y) * scale.y);
    if (right <= left || bottom <= top || command.ElemCount == 0) continue;
    glScissor(static_cast<GLint>(left), static_cast<GLint>(height - bottom), static_cast<GLsizei>(right - left),
              static_cast<GLsizei>(bottom - top));
    glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(reinterpret_cast<std::uintptr_t>(command.GetTexID())));
    point_at_vertices(first_vertex + static_cast<int>(command.VtxOffset));
    const std::size_t index = static_cast<std::size_t>(first_index) + command.IdxOffset;
    glDrawElements(GL_TRIANGLES, static_cast<GLsizei>(command.ElemCount),
                   sizeof(ImDrawIdx) == 2 ? GL_UNSIGNED_SHORT : GL_UNSIGNED_INT, offset_of(index * sizeof(ImDrawIdx)));
  }
}

void Renderer::render(ImDrawData& frame, ImVec4 background) {
  glDisable(GL_SCISSOR_TEST);
  glClearColor(background.x, background.y, background.z, 1.0F);
  glClear(GL_COLOR_BUFFER_BIT);
  if (program_ == 0 || frame.TotalVtxCount == 0) return;
  set_state(frame);
  upload(frame);
  int vertex = 0;
  int index = 0;
  for (const ImDrawList* list : frame.CmdLists) {
    draw_list(frame, *list, vertex, index);
    vertex += list->VtxBuffer.Size;
    index += list->IdxBuffer.Size;
  }
}

// OpenGL counts rows from the bottom.
Renderer::Pixels Renderer::read(const ImDrawData& frame, ImVec2 from, ImVec2 to) {
  const ImVec2 scale = frame.FramebufferScale;
  const int across = static_cast<int>(frame.DisplaySize.x * scale.x);
  const int down = static_cast<int>(frame.DisplaySize.y * scale.y);
  const int left = std::clamp(static_cast<int>(from.x * scale.x), 0, across);
  const int top = std::clamp(static_cast<int>(from.y * scale.y), 0, down);
  Pixels pixels{.width = std::clamp(static_cast<int>(to.x * scale.x), left, across) - left,
                .height = std::clamp(static_cast<int>(to.y * scale.y), top, down) - top,
                .rgb = {}};
  const auto width = static_cast<std::size_t>(pixels.width);
  const auto height = static_cast<std::size_t>(pixels.height);
  std::vector<std::uint8_t> rgba(width * height * 4);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(left, down - top - pixels.height, pixels.width, pixels.height, GL_RGBA, GL_UNSIGNED_BYTE, rgba.data());
  pixels.rgb.reserve(width * height * 3);
  for (std::size_t y = height; y-- > 0;) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t* pixel = rgba.data() + (y * width + x) * 4;
      pixels.rgb.insert(pixels.rgb.end(), pixel, pixel + 3);
    }
  }
  return pixels;
}

}  // namespace weightroom::gfx
