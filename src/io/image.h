#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// 8-bit sRGB pixels, rows from the top, (height, width, 3).
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;

  [[nodiscard]] bool operator==(const Image&) const = default;
  [[nodiscard]] const std::uint8_t* pixel(int x, int y) const {
    return rgb.data() +
           (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 3;
  }
};

// A square of a picture, in its pixels.
struct Square {
  int x = 0;
  int y = 0;
  int side = 0;
  [[nodiscard]] bool operator==(const Square&) const = default;
};

// JPEG (CMYK and YCCK as Adobe writes them; without Huffman tables those of annex K), PNG (8 bits of 16), BMP of
// Windows and OS/2, and the first frame of a GIF on its screen. JPEG and PNG are turned as their EXIF orientation says;
// what is transparent lies over white. The same bytes give the same pixels on every target. Colour profiles are not
// applied. What comes behind the pixels does not count, nor that it is missing. Refuses by a sentence: 0 bytes, not a
// picture, a format or kind that is not read (named: see picture_format to let a browser decode it), damaged, cut
// short, more pixels than check_extent allows (seen before memory is taken).
[[nodiscard]] Result<Image> decode_image(std::span<const std::byte> bytes);

// Whole pixels (..., 4) with straight alpha, laid over white and put behind those of `rgb`.
void append_over_white(std::span<const std::uint8_t> rgba, std::vector<std::uint8_t>& rgb);

// The mean of each block of `side` x `side` pixels, to the nearest, halves up: of rows `first` to before `last` of
// them, put behind those of `rgba` (..., 4), opaque. What fills no block, right and below, is left out; a picture of
// fewer pixels than a block along a side is one block wide or high.
void append_block_means(const Image& image, int side, int first, int last, std::vector<std::uint8_t>& rgba);

// The centred square whose side is `share` (above 0, at most 1) of the shorter side, in whole pixels, one at least;
// where one pixel is left over, it is right or below.
[[nodiscard]] Square centre_square(const Image& image, float share = 1.0F);

// The square scaled to width x height with the Mitchell filter (B = C = 1/3), on the sRGB values as they are, edges
// clamped: the bits of stb_image_resize 0.97, columns before rows. A square that already has that size is copied, so
// that pictures of a set keep their values. `square` must lie within the image; nothing outside it is read.
[[nodiscard]] Image resize(const Image& image, const Square& square, int width, int height);

// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) in whole numbers: (299 R + 587 G + 114 B + 500) / 1000. Grey stays as it
// is.
[[nodiscard]] constexpr std::uint8_t grey(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  return static_cast<std::uint8_t>((299 * r + 587 * g + 114 * b + 500) / 1000);
}

[[nodiscard]] std::vector<std::byte> encode_png(const Image& image);
// quality: 1 to 100.
[[nodiscard]] std::vector<std::byte> encode_jpeg(const Image& image, int quality);

}  // namespace weightroom::io
