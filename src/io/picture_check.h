#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

// What must be known of a picture file before stb_image may see it. Debian's copy (2.27) writes outside its tables for
// a JPEG with too many Huffman codes, takes a size at its word, and shows what is missing of a truncated GIF or BMP as
// grey or black.
namespace weightroom::io {

enum class PictureFormat { unknown, jpeg, png, gif, bmp, webp, avif, heic, tiff, jpeg_xl, svg, psd, ico, pdf };

// By its first bytes alone.
[[nodiscard]] PictureFormat picture_format(std::span<const std::byte> bytes);

[[nodiscard]] std::string_view format_name(PictureFormat format);  // "WebP"

struct PictureHead {
  int width = 0;
  int height = 0;
  int orientation = 1;      // EXIF, 1 to 8
  bool plain_cmyk = false;  // a JPEG of four channels without Adobe's marker
};

// At most 50 million pixels and 32,768 a side.
[[nodiscard]] Status check_extent(std::uint64_t width, std::uint64_t height);

// What a WebP, AVIF or HEIC file says of its size, or nothing: those the browser decodes, and it takes them at their
// word.
struct ClaimedExtent {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
};
[[nodiscard]] std::optional<ClaimedExtent> claimed_extent(std::span<const std::byte> bytes);

// Walk the whole structure and refuse by a sentence: damaged, cut short, too large, a variant that is not read.
[[nodiscard]] Result<PictureHead> check_jpeg(std::span<const std::byte> bytes);
[[nodiscard]] Result<PictureHead> check_png(std::span<const std::byte> bytes);
[[nodiscard]] Result<PictureHead> check_gif(std::span<const std::byte> bytes);  // to the end of its first frame
[[nodiscard]] Result<PictureHead> check_bmp(std::span<const std::byte> bytes);

// The orientation (1 to 8) that an APP1 segment's EXIF block asks for; 1 where it is damaged or says nothing.
[[nodiscard]] int exif_orientation(std::span<const std::byte> segment);

}  // namespace weightroom::io
