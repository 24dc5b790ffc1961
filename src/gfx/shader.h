#pragma once

#include <string_view>

#include "gfx/gl.h"

namespace weightroom::gfx {

// A program of shaders/NAME.vert and shaders/NAME.frag with the version line this context wants; `prelude` (a shader
// file, or empty) comes before the fragment body. The driver compiles while we go on: nothing is asked of it before
// check_program() or the first use, because every question waits for the answer (a tenth of a second each at the
// start).
[[nodiscard]] GLuint make_program(std::string_view vertex, std::string_view fragment, std::string_view prelude);

// Prints the driver's log where a program did not link.
void check_program(GLuint program);

}  // namespace weightroom::gfx
