// PNG (W3C, third edition): the chunks, the filters, the seven passes of an interlaced picture; stb inflates.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <strings/image.h>

#include "io/crc32.h"
#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

using Rgb = std::array<std::uint8_t, 3>;

constexpr std::size_t kPastEnd = 8;  // stb_image 2.27 looks a little past the last code

struct Png {
  int width = 0;
  int height = 0;
  int depth = 0;     // bits of a sample
  int channels = 0;  // samples of a pixel
  bool palette = false;
  bool alpha = false;
  bool interlaced = false;
  bool has_key = false;  // one colour is transparent
  std::array<unsigned, 3> key{};
  std::array<Rgb, 256> colours{};  // of a palette, or of grey: as they lie over white
  int orientation = 1;
  bool cut = false;                 // the file ends before its end
  std::vector<std::byte> packed{};  // what the IDAT chunks hold, joined
};

Status read_png_head(std::span<const std::byte> head, Png& png) {
  const std::uint64_t width = be32(head, 0);
  const std::uint64_t height = be32(head, 4);
  if (auto ok = check_extent(width, height); !ok) return ok;
  png.width = static_cast<int>(width);
  png.height = static_cast<int>(height);
  png.depth = u8(head, 8);
  const unsigned colour = u8(head, 9);
  png.palette = colour == 3;
  png.alpha = (colour & 4U) != 0;
  png.channels = (colour == 2 || colour == 6 ? 3 : 1) + (png.alpha ? 1 : 0);
  png.interlaced = u8(head, 12) == 1;
  // Table 11.1: the depths that each type of colour may have, as a set of bits.
  constexpr unsigned kFrom8 = 1U << 8U | 1U << 16U;
  constexpr unsigned kTo8 = 1U << 1U | 1U << 2U | 1U << 4U | 1U << 8U;
  constexpr std::array<unsigned, 7> kDepths{kTo8 | kFrom8, 0, kFrom8, kTo8, kFrom8, 0, kFrom8};
  const bool known = colour < kDepths.size() && png.depth <= 16 && (kDepths[colour] >> png.depth & 1U) != 0;
  if (!known || u8(head, 10) != 0 || u8(head, 11) != 0 || u8(head, 12) > 1) return damaged("PNG");
  if (png.channels == 1 && !png.palette && png.depth <= 8) {
    const unsigned most = (1U << png.depth) - 1;
    for (unsigned i = 0; i <= most; ++i) png.colours[i].fill(static_cast<std::uint8_t>(i * 255 / most));
  }
  return {};
}

// tRNS: the alpha of each colour of the palette, or the one colour that is clear.
void read_png_clear(std::span<const std::byte> data, Png& png) {
  if (png.palette) {
    for (std::size_t i = 0; i < std::min<std::size_t>(data.size(), 256); ++i) {
      for (std::uint8_t& value : png.colours[i]) value = over_white(value, u8(data, i));
    }
    return;
  }
  if (png.alpha || data.size() < 2U * static_cast<unsigned>(png.channels)) return;
  const unsigned most = (1U << png.depth) - 1;
  for (std::size_t c = 0; c < static_cast<std::size_t>(png.channels); ++c) png.key[c] = be16(data, 2 * c) & most;
  if (png.channels == 1 && png.depth <= 8) {
    png.colours[png.key[0]].fill(255);
  } else {
    png.has_key = true;
  }
}

Status read_png_palette(std::span<const std::byte> data, Png& png) {
  if (!png.palette) return {};  // a suggestion
  if (data.empty() || data.size() % 3 != 0 || data.size() > 768) return damaged("PNG");
  std::memcpy(png.colours.data(), data.data(), data.size());
  return {};
}

// A chunk of the picture. A fault in one that is not critical (a comment) spoils no pixel.
Status take_png_chunk(std::string_view kind, std::span<const std::byte> data, Png& png) {
  if (kind == "IDAT") png.packed.insert(png.packed.end(), data.begin(), data.end());
  if (kind == "PLTE") return read_png_palette(data, png);
  if (kind == "tRNS") read_png_clear(data, png);
  if (kind == "eXIf") png.orientation = exif_orientation(data);
  if (kind == "CgBI") return fail(text::image_png_apple);
  const bool critical = kind[0] >= 'A' && kind[0] <= 'Z';
  constexpr std::array<std::string_view, 4> kKnown{"IDAT", "PLTE", "IEND", "CgBI"};
  if (critical && std::ranges::find(kKnown, kind) == kKnown.end()) return damaged("PNG");
  return {};
}

// What the IDAT chunks hold together, and the room that is wanted behind it; of a file that lies at most its own size.
std::size_t packed_size(std::span<const std::byte> bytes) {
  std::size_t size = kPastEnd;
  for (std::size_t at = 8; bytes.size() - at >= 12;) {
    const std::size_t length = std::min<std::size_t>(be32(bytes, at), bytes.size() - at - 12);
    if (as_text(bytes.subspan(at + 4, 4)) == "IDAT") size += length;
    at += 12 + length;
  }
  return size;
}

Result<Png> read_png_chunks(std::span<const std::byte> bytes) {
  Png png;
  png.packed.reserve(packed_size(bytes));  // it is never held twice
  bool palette = false;
  for (std::size_t at = 8;;) {
    const std::size_t left = bytes.size() - at;
    if (left < 12) {
      png.cut = true;
      break;
    }
    const std::size_t length = be32(bytes, at);
    const std::string_view kind = as_text(bytes.subspan(at + 4, 4));
    // Of a chunk that is cut off what there is may hold all pixels.
    const bool whole = length <= left - 12;
    const auto data = bytes.subspan(at + 8, whole ? length : left - 8);
    const bool critical = (u8(bytes, at + 4) & 0x20U) == 0;
    if (critical && whole && crc32(bytes.subspan(at + 4, length + 4)) != be32(bytes, at + 8 + length)) {
      return fail(text::image_png_checksum);
    }
    if (png.width == 0 && kind != "CgBI") {
      if (kind != "IHDR" || length != 13) return damaged("PNG");
      if (!whole) return cut_short("PNG");
      if (auto ok = read_png_head(data, png); !ok) return std::unexpected(ok.error());
    } else if (auto ok = take_png_chunk(kind, data, png); !ok) {
      return std::unexpected(ok.error());
    }
    palette = palette || kind == "PLTE";
    if (!whole) png.cut = true;
    if (!whole || kind == "IEND") break;
    at += 12 + length;
  }
  if (png.width == 0) return cut_short("PNG");
  if (png.palette && !palette) return png.cut ? cut_short("PNG") : damaged("PNG");
  return png;
}

// One of the seven pictures that an interlaced one is stored as, or all of it: its first column and row, and the steps.
struct PngPass {
  int x;
  int y;
  int step_x;
  int step_y;
};
constexpr std::array<PngPass, 8> kPngPasses{
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}, {0, 0, 1, 1}}};

std::span<const PngPass> passes_of(const Png& png) {
  return png.interlaced ? std::span(kPngPasses).first(7) : std::span(kPngPasses).last(1);
}

std::size_t columns_of(const Png& png, const PngPass& pass) {
  return static_cast<std::size_t>((png.width - pass.x + pass.step_x - 1) / pass.step_x);
}
std::size_t rows_of(const Png& png, const PngPass& pass) {
  return static_cast<std::size_t>((png.height - pass.y + pass.step_y - 1) / pass.step_y);
}
std::size_t row_bytes_of(const Png& png, const PngPass& pass) {
  return (columns_of(png, pass) * static_cast<std::size_t>(png.channels * png.depth) + 7) / 8;
}

unsigned paeth(unsigned left, unsigned up, unsigned corner) {
  const int guess = static_cast<int>(left + up) - static_cast<int>(corner);
  const int to_left = std::abs(guess - static_cast<int>(left));
  const int to_up = std::abs(guess - static_cast<int>(up));
  const int to_corner = std::abs(guess - static_cast<int>(corner));
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

// Takes back what the filter did, in place. `up` is the row above, or zeros; `step` bytes hold a pixel.
bool unfilter(unsigned filter, std::uint8_t* row, const std::uint8_t* up, std::size_t bytes, std::size_t step) {
  const auto add = [](std::uint8_t& to, unsigned value) { to = static_cast<std::uint8_t>(to + value); };
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (std::size_t i = step; i < bytes; ++i) add(row[i], row[i - step]);
      return true;
    case 2:
      for (std::size_t i = 0; i < bytes; ++i) add(row[i], up[i]);
      return true;
    case 3:
      for (std::size_t i = 0; i < std::min(step, bytes); ++i) add(row[i], up[i] / 2U);
      for (std::size_t i = step; i < bytes; ++i) add(row[i], (row[i - step] + up[i]) / 2U);
      return true;
    case 4:
      for (std::size_t i = 0; i < std::min(step, bytes); ++i) add(row[i], up[i]);
      for (std::size_t i = step; i < bytes; ++i) add(row[i], paeth(row[i - step], up[i], up[i - step]));
      return true;
    default:
      return false;
  }
}

// Whether a pixel has the colour that is clear; sixteen bits count in full.
bool is_key(const Png& png, const std::uint8_t* pixel) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(png.channels); ++c) {
    const unsigned value = png.depth == 8 ? pixel[c] : pixel[2 * c] * 256U + pixel[2 * c + 1];
    if (value != png.key[c]) return false;
  }
  return true;
}

// The pixels of a row, each `step` bytes after the other.
void lay_row(const Png& png, const std::uint8_t* row, std::size_t columns, std::uint8_t* out, std::size_t step) {
  if (png.channels == 1 && png.depth <= 8) {
    const auto depth = static_cast<unsigned>(png.depth);
    const unsigned mask = (1U << depth) - 1;
    for (std::size_t x = 0; x < columns; ++x, out += step) {
      const std::size_t bit = x * depth;
      std::memcpy(out, png.colours[static_cast<unsigned>(row[bit / 8]) >> (8 - depth - bit % 8) & mask].data(), 3);
    }
    return;
  }
  const std::size_t wide = png.depth == 16 ? 2 : 1;
  const std::size_t pixel = wide * static_cast<std::size_t>(png.channels);
  const bool grey = png.channels < 3;
  for (std::size_t x = 0; x < columns; ++x, out += step, row += pixel) {
    const unsigned alpha = png.alpha ? row[pixel - wide] : png.has_key && is_key(png, row) ? 0 : 255;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint8_t value = row[grey ? 0 : c * wide];
      out[c] = alpha == 255 ? value : over_white(value, alpha);
    }
  }
}

// The rows of one pass, from where they begin among the inflated bytes.
bool lay_pass(const Png& png, const PngPass& pass, std::uint8_t* raw, Image& image) {
  const std::size_t bytes = row_bytes_of(png, pass);
  const std::size_t columns = columns_of(png, pass);
  const std::size_t rows = rows_of(png, pass);
  const auto step = static_cast<std::size_t>(std::max(1, png.channels * png.depth / 8));
  const std::vector<std::uint8_t> none(bytes);
  const std::uint8_t* up = none.data();
  for (std::size_t row = 0; row < rows; ++row, raw += bytes + 1) {
    if (!unfilter(raw[0], raw + 1, up, bytes, step)) return false;
    up = raw + 1;
    const std::size_t y = static_cast<std::size_t>(pass.y) + row * static_cast<std::size_t>(pass.step_y);
    const std::size_t first = y * static_cast<std::size_t>(png.width) + static_cast<std::size_t>(pass.x);
    lay_row(png, raw + 1, columns, image.rgb.data() + first * 3, static_cast<std::size_t>(pass.step_x) * 3);
  }
  return true;
}

bool begins_as_zlib(std::span<const std::byte> packed) {
  return packed.size() >= 2 && (u8(packed, 0) & 15U) == 8 && (u8(packed, 1) & 0x20U) == 0 && be16(packed, 0) % 31 == 0;
}

}  // namespace

Result<Image> decode_png(std::span<const std::byte> bytes) {
  auto png = read_png_chunks(bytes);
  if (!png) return std::unexpected(png.error());
  const auto wrong = [&] { return png->cut ? cut_short("PNG") : damaged("PNG"); };
  std::size_t wanted = 0;
  for (const PngPass& pass : passes_of(*png)) {
    if (columns_of(*png, pass) > 0) wanted += rows_of(*png, pass) * (row_bytes_of(*png, pass) + 1);
  }
  // DEFLATE makes at most 1,032 bytes of one: nothing is taken for what cannot come.
  if (!begins_as_zlib(png->packed) || wanted / 1032 > png->packed.size()) return wrong();
  // A stored block comes as a whole or not at all, and a file may pack more than it needs.
  constexpr std::size_t kMostBlock = 65'535;
  std::vector<std::byte> raw(wanted + kMostBlock);
  const std::size_t given = png->packed.size() - 2;
  png->packed.resize(png->packed.size() + kPastEnd);
  const Inflated inflated = inflate_into(raw, std::span(png->packed).subspan(2));
  if (inflated.bytes < wanted || inflated.read > given) return wrong();
  png->packed = std::vector<std::byte>();  // a list in braces would keep the room
  Image image = white_image(png->width, png->height);
  auto* at = reinterpret_cast<std::uint8_t*>(raw.data());
  for (const PngPass& pass : passes_of(*png)) {
    if (columns_of(*png, pass) == 0) continue;
    if (!lay_pass(*png, pass, at, image)) return damaged("PNG");
    at += rows_of(*png, pass) * (row_bytes_of(*png, pass) + 1);
  }
  raw = std::vector<std::byte>();
  return turned(std::move(image), png->orientation);
}

}  // namespace weightroom::io
