#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "io/image.h"

// One function a format; decode_image says what they take and refuse. Each looks at the whole structure, and at every
// limit, before it takes memory. A file whose pixels are all there is read whatever follows them, or is missing behind.
namespace weightroom::io {

[[nodiscard]] Result<Image> decode_jpeg(std::span<const std::byte> bytes);
[[nodiscard]] Result<Image> decode_png(std::span<const std::byte> bytes);
[[nodiscard]] Result<Image> decode_gif(std::span<const std::byte> bytes);
[[nodiscard]] Result<Image> decode_bmp(std::span<const std::byte> bytes);

// The orientation (1 to 8) that an EXIF block asks for: a TIFF header and what follows. 1 where it is damaged or says
// nothing.
[[nodiscard]] int exif_orientation(std::span<const std::byte> tiff);

// The picture as it is to be shown, of one that is stored with this orientation.
[[nodiscard]] Image turned(Image stored, int orientation);

[[nodiscard]] std::unexpected<Error> cut_short(const char* format);
[[nodiscard]] std::unexpected<Error> damaged(const char* format);

// White of this size; the extent has been checked.
[[nodiscard]] Image white_image(int width, int height);

[[nodiscard]] constexpr std::uint8_t over_white(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

}  // namespace weightroom::io
