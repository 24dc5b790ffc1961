#include "io/image.h"

#include <algorithm>
#include <array>
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

void append_over_white(std::span<const std::uint8_t> rgba, std::vector<std::uint8_t>& rgb) {
  const std::size_t pixels = rgba.size() / 4;
  const std::size_t before = rgb.size();
  rgb.resize(before + pixels * 3);
  std::uint8_t* out = rgb.data() + before;
  for (const std::uint8_t* from = rgba.data(); from != rgba.data() + pixels * 4; from += 4, out += 3) {
    for (std::size_t c = 0; c < 3; ++c) out[c] = from[3] == 255 ? from[c] : over_white(from[c], from[3]);
  }
}

void append_block_means(const Image& image, int side, int first, int last, std::vector<std::uint8_t>& rgba) {
  CHECK(side > 0 && image.width > 0 && image.height > 0);
  const int across = std::min(side, image.width);
  const int down = std::min(side, image.height);
  CHECK(first >= 0 && last <= image.height / down);
  const auto count = static_cast<std::uint32_t>(across * down);
  std::vector<std::uint32_t> columns(static_cast<std::size_t>(image.width) * 3);  // the sum of a block's rows
  for (int y = first; y < last; ++y) {
    std::ranges::fill(columns, 0U);
    for (int v = 0; v < down; ++v) {
      const std::uint8_t* row = image.pixel(0, y * down + v);
      for (std::size_t i = 0; i < columns.size(); ++i) columns[i] += row[i];
    }
    const std::uint32_t* column = columns.data();
    for (int x = 0; x < image.width / across; ++x) {
      std::array<std::uint32_t, 3> sum{};
      for (int u = 0; u < across; ++u, column += 3) {
        for (std::size_t c = 0; c < 3; ++c) sum[c] += column[c];
      }
      for (const std::uint32_t channel : sum) rgba.push_back(static_cast<std::uint8_t>((channel + count / 2) / count));
      rgba.push_back(255);
    }
  }
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
