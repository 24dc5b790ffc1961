#pragma once

#include <string_view>

#include "gfx/gl.h"

namespace weightroom::gfx {

// A program of shaders/NAME.vert and shaders/NAME.frag with the version line this context wants. `prelude` (a shader
// file, or empty) comes before the fragment body. Aborts with the driver's log where it does not compile: our shaders
// are part of the program.
[[nodiscard]] GLuint make_program(std::string_view vertex, std::string_view fragment, std::string_view prelude);

}  // namespace weightroom::gfx
