// stb's implementation, compiled once. Its own warnings are not ours (the headers are the system's).
#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace {

// Most that one picture may ask for at a time: 50 million pixels of 4 x 16 bits take 400 MB. A file that inflates past
// this is refused instead of taking the machine's memory.
constexpr std::size_t kMostBytes = std::size_t{512} << 20;

// Zeroed, since stb leaves what a damaged file does not fill as it was: the same file must give the same pixels.
void* allocate(std::size_t bytes) { return bytes > kMostBytes ? nullptr : std::calloc(1, bytes); }
void* reallocate(void* old, std::size_t bytes) { return bytes > kMostBytes ? nullptr : std::realloc(old, bytes); }

}  // namespace

#define STBI_MALLOC(bytes) allocate(bytes)
#define STBI_REALLOC(old, bytes) reallocate(old, bytes)
#define STBI_FREE(old) std::free(old)
// Hostile files reach some of them; what matters is checked before (picture_check.cpp).
#define STBI_ASSERT(condition) ((void)0)

// Twice as many columns, as libjpeg makes them: three parts of the nearer one, one of the other. In stb_image 2.27
// to 2.30 the last but one mixes the wrong way round. This one is used where the name stands alone, theirs where it is
// defined.
static unsigned char* stbi__resample_row_h_2(unsigned char* out, unsigned char* row, unsigned char*, int width, int) {
  for (int i = 0; i < width; ++i) {
    const int left = row[i > 0 ? i - 1 : 0];
    const int right = row[i + 1 < width ? i + 1 : i];
    *out++ = static_cast<unsigned char>((3 * row[i] + left + 2) / 4);
    *out++ = static_cast<unsigned char>((3 * row[i] + right + 2) / 4);
  }
  return out - 2 * static_cast<std::ptrdiff_t>(width);
}
#define stbi__resample_row_h_2(...) unused_resample_row_h_2(__VA_ARGS__)

// stb shifts negative numbers, and by more than the width once a stream has run out of bits: harmless on the targets we
// build for (no memory is touched by it), but the sanitizer would stop at each. Addresses stay checked.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((no_sanitize("undefined"))), apply_to = function)
#endif
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include "io/stb.h"

namespace weightroom::io {

Inflated inflate_into(std::span<std::byte> out, std::span<const std::byte> packed) {
  stbi__zbuf state{};
  auto* from = reinterpret_cast<stbi_uc*>(const_cast<std::byte*>(packed.data()));  // only read
  state.zbuffer = from;
  state.zbuffer_end = from + packed.size();
  const bool whole =
      stbi__do_zlib(&state, reinterpret_cast<char*>(out.data()), static_cast<int>(out.size()), 0, 0) != 0;
  // It reads ahead: what it holds of whole bytes comes after the stream.
  const auto ahead = static_cast<std::size_t>(std::max(0, state.num_bits)) / 8;
  const auto taken = static_cast<std::size_t>(state.zbuffer - from);
  return {static_cast<std::size_t>(state.zout - state.zout_start), taken - std::min(taken, ahead), whole};
}

}  // namespace weightroom::io

#if defined(__clang__)
#pragma clang attribute pop
#endif
