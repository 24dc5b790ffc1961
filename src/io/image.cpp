#include "io/image.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include <strings/image.h>

#include "base/check.h"
#include "io/picture_check.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

std::size_t area(int width, int height) { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }

Result<PictureHead> check(PictureFormat format, std::span<const std::byte> bytes) {
  switch (format) {
    case PictureFormat::jpeg:
      return check_jpeg(bytes);
    case PictureFormat::png:
      return check_png(bytes);
    case PictureFormat::gif:
      return check_gif(bytes);
    case PictureFormat::bmp:
      return check_bmp(bytes);
    case PictureFormat::unknown:
      return fail(text::image_none);
    default:
      break;
  }
  return fail(text::image_format, {{"format", format_name(format)}});
}

// Adobe's marker says "CMYK, stored inverted". Without it stb_image takes four channels for YCbCr with alpha; browsers
// take them as if the marker were there.
std::vector<std::byte> with_adobe_marker(std::span<const std::byte> jpeg) {
  constexpr std::string_view kMarker(
      "\xFF\xEE\x00\x0E"
      "Adobe\0\x64\x00\x00\x00\x00\x00",
      16);
  std::vector<std::byte> out(jpeg.begin(), jpeg.begin() + 2);
  out.insert(out.end(), io::as_bytes(kMarker).begin(), io::as_bytes(kMarker).end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

Result<Image> run_stb(std::span<const std::byte> bytes, PictureFormat format, const PictureHead& head) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return fail(text::image_large_file);
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int channels = 0;
  const auto wrong = [&] { return fail(text::image_undecodable, {{"format", format_name(format)}}); };
  // The header as stb_image reads it must be the one that was checked.
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0) return wrong();
  if (width != head.width || std::abs(height) != head.height) return wrong();
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, size, &width, &height, &channels, 4), stbi_image_free);
  if (pixels == nullptr || width != head.width || height != head.height) return wrong();
  return image_from_rgba(width, height, {pixels.get(), area(width, height) * 4});
}

// EXIF orientations 2 to 8 as they are stored: where row 0 and column 0 of the stored picture lie in the shown one.
Image turned(const Image& stored, int orientation) {
  const bool swapped = orientation >= 5;
  Image shown;
  shown.width = swapped ? stored.height : stored.width;
  shown.height = swapped ? stored.width : stored.height;
  shown.rgb.resize(stored.rgb.size());
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

}  // namespace

Result<Image> decode_image(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(text::image_empty);
  const PictureFormat format = picture_format(bytes);
  const auto head = check(format, bytes);
  if (!head) return std::unexpected(head.error());
  auto image = head->plain_cmyk ? run_stb(with_adobe_marker(bytes), format, *head) : run_stb(bytes, format, *head);
  if (image && head->orientation != 1) return turned(*image, head->orientation);
  return image;
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
      *out++ = static_cast<std::uint8_t>((rgba[at + c] * alpha + 255U * (255U - alpha) + 127U) / 255U);
    }
  }
  return image;
}

Square centre_square(const Image& image) {
  const int side = std::min(image.width, image.height);
  return {(image.width - side) / 2, (image.height - side) / 2, side};
}

Image resize(const Image& image, const Square& square, int width, int height) {
  CHECK(width > 0 && height > 0 && square.side > 0 && square.x >= 0 && square.y >= 0);
  CHECK(square.x <= image.width - square.side && square.y <= image.height - square.side);
  Image out{width, height, std::vector<std::uint8_t>(area(width, height) * 3)};
  if (square.side == width && square.side == height) {
    for (int y = 0; y < height; ++y) {
      std::memcpy(out.rgb.data() + area(width, y) * 3, image.pixel(square.x, square.y + y),
                  static_cast<std::size_t>(width) * 3);
    }
    return out;
  }
  const int done =
      stbir_resize_uint8_generic(image.pixel(square.x, square.y), square.side, square.side, image.width * 3,
                                 out.rgb.data(), width, height, width * 3, 3, STBIR_ALPHA_CHANNEL_NONE, 0,
                                 STBIR_EDGE_CLAMP, STBIR_FILTER_MITCHELL, STBIR_COLORSPACE_LINEAR, nullptr);
  CHECK(done == 1);  // fails for want of memory alone
  return out;
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
