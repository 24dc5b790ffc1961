#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

// What a picture file is, and how large it claims to be.
namespace weightroom::io {

enum class PictureFormat { unknown, jpeg, png, gif, bmp, webp, avif, heic, tiff, jpeg_xl, jpeg_2000, svg, psd, ico };

// By its first bytes alone.
[[nodiscard]] PictureFormat picture_format(std::span<const std::byte> bytes);

[[nodiscard]] std::string_view format_name(PictureFormat format);  // "WebP"

// At most base::kMostPixels (50 million, 16 where addresses have 32 bits) and 32,768 a side.
[[nodiscard]] Status check_extent(std::uint64_t width, std::uint64_t height);

// What a JPEG, PNG, GIF, BMP, WebP, AVIF or HEIC file says of its size, or nothing. Of the last three a browser, which
// decodes them, takes them at their word.
struct ClaimedExtent {
  std::uint64_t width = 0;
  std::uint64_t height = 0;
};
[[nodiscard]] std::optional<ClaimedExtent> claimed_extent(std::span<const std::byte> bytes);

}  // namespace weightroom::io
