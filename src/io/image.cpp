#include "io/image.h"

#include <algorithm>
#include <cmath>

#include <strings/image.h>

#include "base/check.h"
#include "io/file_kind.h"
#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/stb.h"

namespace weightroom::io {
namespace {

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

}  // namespace

Result<Image> decode_image(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(text::image_empty);
  const PictureFormat format = picture_format(bytes);
  switch (format) {
    case PictureFormat::jpeg:
      return decode_jpeg(bytes);
    case PictureFormat::png:
      return decode_png(bytes);
    case PictureFormat::gif:
      return decode_gif(bytes);
    case PictureFormat::bmp:
      return decode_bmp(bytes);
    case PictureFormat::unknown:
      return std::unexpected(refusal_of("", bytes, {text::image_none}));
    default:
      return fail(text::image_format, {{"format", format_name(format)}});
  }
}

Image white_image(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(area(width, height) * 3, 255)};
}

Result<Image> image_from_rgba(int width, int height, std::span<const std::uint8_t> rgba) {
  if (width < 0 || height < 0) return fail(text::image_negative);
  const auto ok = check_extent(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  if (!ok) return std::unexpected(ok.error());
  if (rgba.size() != area(width, height) * 4) return fail(text::image_byte_count);
  Image image{width, height, std::vector<std::uint8_t>(area(width, height) * 3)};
  std::uint8_t* out = image.rgb.data();
  for (std::size_t at = 0; at < rgba.size(); at += 4) {
    const unsigned alpha = rgba[at + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      *out++ = over_white(rgba[at + c], alpha);
    }
  }
  return image;
}

Square centre_square(const Image& image, float share) {
  CHECK(share > 0.0F && share <= 1.0F);
  const int shorter = std::min(image.width, image.height);
  const int side = std::max(1, static_cast<int>(std::lround(static_cast<double>(share) * shorter)));
  return {(image.width - side) / 2, (image.height - side) / 2, side};
}

namespace {
void append(void* context, void* data, int size) {
  auto& out = *static_cast<std::vector<std::byte>*>(context);
  const auto* first = static_cast<const std::byte*>(data);
  out.insert(out.end(), first, first + size);
}
}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  std::vector<std::byte> out;
  CHECK(stbi_write_png_to_func(append, &out, image.width, image.height, 3, image.rgb.data(), image.width * 3) != 0);
  return out;
}

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  std::vector<std::byte> out;
  CHECK(stbi_write_jpg_to_func(append, &out, image.width, image.height, 3, image.rgb.data(), quality) != 0);
  return out;
}

}  // namespace weightroom::io
