#pragma once

// The declarations of stb as io uses them; stb.cpp holds the one implementation, with the same switches.
#define STBI_ONLY_JPEG
#define STBI_SUPPORT_ZLIB
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
// The plain code on every target: the same pixels native and web, whatever a compiler takes for available.
#define STBI_NO_SIMD
// They live in one static buffer, which several threads would write.
#define STBI_NO_FAILURE_STRINGS
#define STBI_WRITE_NO_STDIO

#include <cstddef>
#include <span>

#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

namespace weightroom::io {

// As much of a DEFLATE stream (RFC 1951) as there is room for, of which stb_image's own functions do not say how much
// it was.
struct Inflated {
  std::size_t bytes = 0;  // written: all that was wanted, or what came before room or input ended
  std::size_t read = 0;   // of the input, where it is whole
  bool whole = false;     // the stream ended before `out` did
};
[[nodiscard]] Inflated inflate_into(std::span<std::byte> out, std::span<const std::byte> packed);

}  // namespace weightroom::io
