#include "gfx/textures_gpu.h"

#include <algorithm>

#include "gfx/shader.h"

namespace weightroom::gfx {
namespace {

void sampling(GLint minified, GLint magnified) {
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, minified);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, magnified);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

// Floats one after another into rows of a fixed width; the last row is filled as far as it goes.
void upload_floats(GLuint& texture, std::span<const float> values, int largest_side) {
  if (texture == 0) glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  sampling(GL_NEAREST, GL_NEAREST);
  if (values.empty()) return;
  const auto n = static_cast<int>(values.size());
  const int width = std::min(n, n > 1 << 20 ? std::min(4096, largest_side) : 1024);
  const int whole = n / width;
  const int rest = n - whole * width;
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, width, whole + (rest > 0 ? 1 : 0), 0, GL_RED, GL_FLOAT, nullptr);
  glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, whole, GL_RED, GL_FLOAT, values.data());
  if (rest > 0) {
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, whole, rest, 1, GL_RED, GL_FLOAT,
                    values.data() + static_cast<std::ptrdiff_t>(whole) * width);
  }
}

}  // namespace

// Asked for once: each question crosses into the browser.
GLint Textures::Gpu::uniform(GLuint program, const char* name) {
  const auto [at, added] = uniforms_.try_emplace({program, name}, 0);
  if (added) at->second = glGetUniformLocation(program, name);
  return at->second;
}

Textures::Gpu::Gpu() {
  glGenVertexArrays(1, &vertex_array_);
  glGenFramebuffers(1, &framebuffer_);
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest_side_);
  sheet_program_ = make_program("full.vert", "sheet.frag", "values.glsl");
  wall_program_ = make_program("rect.vert", "tiles.frag", "values.glsl");
}

Textures::Gpu::~Gpu() {
  glDeleteProgram(sheet_program_);
  glDeleteProgram(wall_program_);
  glDeleteVertexArrays(1, &vertex_array_);
  glDeleteFramebuffers(1, &framebuffer_);
  glDeleteTextures(static_cast<GLsizei>(palettes_.size()), palettes_.data());
}

void Textures::Gpu::forget() {
  sheet_program_ = wall_program_ = vertex_array_ = framebuffer_ = 0;  // deleting 0 does nothing
  palettes_ = {};
  uniforms_.clear();
}

GLuint Textures::Gpu::name() {
  GLuint texture = 0;
  glGenTextures(1, &texture);
  return texture;
}

void Textures::Gpu::release(Entry& entry) {
  for (GLuint texture : {entry.output, entry.values, entry.scales}) {
    if (texture != 0) glDeleteTextures(1, &texture);
  }
}

void Textures::Gpu::update(Entry& entry) {
  glActiveTexture(GL_TEXTURE0);
  if (entry.kind == Kind::picture) {
    update_picture(entry);
  } else {
    update_values(entry);
    if (entry.kind == Kind::sheet) render_sheet(entry);
  }
  entry.values_changed = entry.style_changed = false;
  glBindTexture(GL_TEXTURE_2D, 0);
}

void Textures::Gpu::update_picture(Entry& entry) {
  glBindTexture(GL_TEXTURE_2D, entry.output);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, entry.width, entry.height, 0, GL_RGBA, GL_UNSIGNED_BYTE, entry.rgba.data());
  glGenerateMipmap(GL_TEXTURE_2D);
  sampling(GL_LINEAR_MIPMAP_LINEAR, entry.pixels ? GL_NEAREST : GL_LINEAR);
}

void Textures::Gpu::update_values(Entry& entry) {
  if (entry.values_changed) upload_floats(entry.values, entry.map.values, largest_side_);
  if (entry.style_changed) upload_floats(entry.scales, entry.map.scales, largest_side_);
}

GLuint Textures::Gpu::palette_texture(Ground ground) {
  GLuint& texture = palettes_[static_cast<std::size_t>(ground)];
  if (texture == 0) {
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    const std::vector<Rgba> colours = palette(ground);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, kPaletteSize, 1, 0, GL_RGBA, GL_UNSIGNED_BYTE, colours.data());
    sampling(GL_NEAREST, GL_NEAREST);
  }
  return texture;
}

void Textures::Gpu::bind_values(GLuint program, const Entry& entry) {
  if (!checked_) {
    check_program(sheet_program_);
    check_program(wall_program_);
    checked_ = true;
  }
  glUseProgram(program);
  const std::array<std::pair<const char*, GLuint>, 3> inputs{
      {{"values", entry.values}, {"palette", palette_texture(entry.map.ground)}, {"scales", entry.scales}}};
  for (int unit = 0; unit < 3; ++unit) {
    const auto& [name, texture] = inputs[static_cast<std::size_t>(unit)];
    glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
    glBindTexture(GL_TEXTURE_2D, texture);
    glUniform1i(uniform(program, name), unit);
  }
  glActiveTexture(GL_TEXTURE0);
  glUniform2i(uniform(program, "map_size"), entry.map.width, entry.map.height);
  glUniform1i(uniform(program, "columns"), entry.map.columns);
  glUniform1i(uniform(program, "count"), entry.map.count);
}

void Textures::Gpu::render_sheet(Entry& entry) {
  if (entry.width > largest_side_ || entry.height > largest_side_) return;  // stays empty rather than raising an error
  glBindTexture(GL_TEXTURE_2D, entry.output);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, entry.width, entry.height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  // Drawn small, a map is averaged; drawn large, its values stay crisp squares unless the shader smoothed them.
  sampling(GL_LINEAR, entry.map.enlarge > 1 ? GL_LINEAR : GL_NEAREST);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, entry.output, 0);
  glViewport(0, 0, entry.width, entry.height);
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  glDisable(GL_CULL_FACE);
  glDisable(GL_DEPTH_TEST);
  bind_values(sheet_program_, entry);
  glUniform1i(uniform(sheet_program_, "border"), kBorder);
  glUniform1i(uniform(sheet_program_, "enlarge"), entry.map.enlarge);
  glBindVertexArray(vertex_array_);
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 0, 0);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

void Textures::Gpu::draw_wall(const WallCall& call, const ImVec4& clip) {
  const ImDrawData& frame = *ImGui::GetDrawData();
  const ImVec2 ratio = frame.FramebufferScale;
  const float height = frame.DisplaySize.y * ratio.y;
  const float left = (std::max(clip.x, call.from.x) - frame.DisplayPos.x) * ratio.x;
  const float top = (std::max(clip.y, call.from.y) - frame.DisplayPos.y) * ratio.y;
  const float right = (std::min(clip.z, call.to.x) - frame.DisplayPos.x) * ratio.x;
  const float bottom = (std::min(clip.w, call.to.y) - frame.DisplayPos.y) * ratio.y;
  if (right <= left || bottom <= top || call.entry->values == 0) return;
  glScissor(static_cast<GLint>(left), static_cast<GLint>(height - bottom), static_cast<GLsizei>(right - left),
            static_cast<GLsizei>(bottom - top));
  bind_values(wall_program_, *call.entry);
  const GLuint p = wall_program_;
  const Wall& wall = call.wall;
  glUniform4f(uniform(p, "rect"), call.from.x, call.from.y, call.to.x, call.to.y);
  glUniform4f(uniform(p, "window"), frame.DisplayPos.x, frame.DisplayPos.y, frame.DisplaySize.x, frame.DisplaySize.y);
  glUniform2f(uniform(p, "origin"), wall.origin.x, wall.origin.y);
  glUniform2f(uniform(p, "value_size"), wall.value_size.x, wall.value_size.y);
  glUniform2f(uniform(p, "gap"), wall.gap.x, wall.gap.y);
  glUniform1f(uniform(p, "hairline"), wall.hairline);
  glUniform1f(uniform(p, "pixel"), 1.0F / ratio.x);
  glUniform4f(uniform(p, "paper"), wall.paper.x, wall.paper.y, wall.paper.z, wall.paper.w);
  glUniform1f(uniform(p, "opacity"), wall.opacity);
  glBindVertexArray(vertex_array_);
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

}  // namespace weightroom::gfx
