// EXIF 2.32: the orientation of a picture.
#include <cstring>

#include <strings/image.h>

#include "io/picture_decode.h"
#include "io/text.h"

namespace weightroom::io {

std::unexpected<Error> cut_short(const char* format) { return fail(text::image_cut_short, {{"format", format}}); }

std::unexpected<Error> damaged(const char* format) { return fail(text::image_damaged, {{"format", format}}); }

// 4.5: a TIFF header, then directory 0, rows of 12 bytes; orientation is tag 0x0112, a SHORT.
int exif_orientation(std::span<const std::byte> tiff) {
  const bool little = has_at(tiff, 0, "II");
  if (!little && !has_at(tiff, 0, "MM")) return 1;
  const auto read16 = [&](std::size_t at) { return little ? le16(tiff, at) : be16(tiff, at); };
  const auto read32 = [&](std::size_t at) { return little ? le32(tiff, at) : be32(tiff, at); };
  if (tiff.size() < 8 || read16(2) != 42) return 1;
  const std::uint64_t directory = read32(4);
  if (directory > tiff.size() || tiff.size() - directory < 2) return 1;
  auto at = static_cast<std::size_t>(directory);
  const std::size_t rows = read16(at);
  at += 2;
  for (std::size_t row = 0; row < rows && tiff.size() - at >= 12; ++row, at += 12) {
    if (read16(at) != 0x0112) continue;
    const unsigned value = read16(at + 8);
    return read16(at + 2) == 3 && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// Where row 0 and column 0 of the stored picture lie in the shown one.
Image turned(Image stored, int orientation) {
  if (orientation == 1) return stored;
  const bool swapped = orientation >= 5;
  Image shown = white_image(swapped ? stored.height : stored.width, swapped ? stored.width : stored.height);
  const int right = stored.width - 1;
  const int bottom = stored.height - 1;
  std::uint8_t* out = shown.rgb.data();
  for (int y = 0; y < shown.height; ++y) {
    for (int x = 0; x < shown.width; ++x, out += 3) {
      int from_x = swapped ? y : x;
      int from_y = swapped ? x : y;
      // Mirrored left to right in storage: 2, 3, 7, 8; top to bottom: 3, 4, 6, 7.
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) from_x = right - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) from_y = bottom - from_y;
      std::memcpy(out, stored.pixel(from_x, from_y), 3);
    }
  }
  return shown;
}

}  // namespace weightroom::io
