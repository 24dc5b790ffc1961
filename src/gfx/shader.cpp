#include "gfx/shader.h"

#include <array>
#include <cstdio>
#include <string>

#include <embedded/shaders.h>

#include "base/check.h"

namespace weightroom::gfx {
namespace {

std::string file_text(std::string_view name) {
  if (name.empty()) return {};
  const auto bytes = embedded::shaders::find(name);
  CHECK(!bytes.empty());
  return {bytes.begin(), bytes.end()};
}

// WebGL2 says "OpenGL ES 3.0 (WebGL 2.0 ...)", a desktop "3.3.0 ...".
std::string version_line() {
  const auto* version = reinterpret_cast<const char*>(glGetString(GL_VERSION));
  const bool es = version != nullptr && std::string_view(version).starts_with("OpenGL ES");
  return es ? "#version 300 es\nprecision highp float;\nprecision highp int;\n" : "#version 330 core\n";
}

GLuint compile(GLenum kind, const std::string& source) {
  const GLuint shader = glCreateShader(kind);
  const char* text = source.c_str();
  glShaderSource(shader, 1, &text, nullptr);
  glCompileShader(shader);
  return shader;
}

}  // namespace

GLuint make_program(std::string_view vertex, std::string_view fragment, std::string_view prelude) {
  const std::string version = version_line();
  const GLuint v = compile(GL_VERTEX_SHADER, version + file_text(vertex));
  const GLuint f = compile(GL_FRAGMENT_SHADER, version + file_text(prelude) + file_text(fragment));
  const GLuint program = glCreateProgram();
  glAttachShader(program, v);
  glAttachShader(program, f);
  glLinkProgram(program);
  glDeleteShader(v);
  glDeleteShader(f);
  return program;
}

void check_program(GLuint program) {
  GLint done = GL_FALSE;
  glGetProgramiv(program, GL_LINK_STATUS, &done);
  if (done != GL_FALSE) return;
  // A context lost in the middle of this reports failure too, and is rebuilt later. The shaders' own logs went with
  // them: the browser forgets a deleted shader at once.
  std::array<char, 2048> log{};
  glGetProgramInfoLog(program, static_cast<GLsizei>(log.size()), nullptr, log.data());
  std::fprintf(stderr, "program: %s\n", log.data());
}

}  // namespace weightroom::gfx
