// BMP: the headers of Windows (versions 1 to 5) and OS/2, palettes, fields of bits, and runs.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <strings/image.h>

#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

enum class BmpPacking { rows, runs_8, runs_4, runs_24, fields };

// Where a channel lies in a pixel, and what its values stand for in eight bits.
struct BmpField {
  std::uint32_t mask = 0;
  int shift = 0;
  std::array<std::uint8_t, 256> values{};

  [[nodiscard]] std::uint8_t of(std::uint32_t pixel) const { return values[(pixel & mask) >> shift & 0xFFU]; }
};

struct Bmp {
  int width = 0;
  int height = 0;
  bool from_top = false;
  unsigned bits = 0;
  BmpPacking packing = BmpPacking::rows;
  std::array<std::array<std::uint8_t, 3>, 256> colours{};  // black where the palette has none
  std::array<BmpField, 4> fields{};                        // red, green, blue, alpha
  std::span<const std::byte> pixels{};

  [[nodiscard]] std::uint8_t* row(Image& image, int y) const {
    const int shown = from_top ? y : height - 1 - y;
    return image.rgb.data() + static_cast<std::size_t>(shown) * static_cast<std::size_t>(width) * 3;
  }
};

// The header behind the file's own 14 bytes. What a short one leaves out is zero.
struct BmpHead {
  std::span<const std::byte> bytes;
  std::size_t size;

  [[nodiscard]] std::uint32_t field(std::size_t at) const { return at + 4 <= size ? le32(bytes, 14 + at) : 0; }
  [[nodiscard]] bool core() const { return size == 12; }
  [[nodiscard]] bool windows() const { return size == 40 || size == 52 || size == 56 || size == 108 || size == 124; }
  // Behind a header of 40 bytes the masks come by themselves.
  [[nodiscard]] std::size_t masks_behind() const {
    return size != 40 ? 0 : field(16) == 3 ? 12 : field(16) == 6 ? 16 : 0;
  }
};

// Of more than eight bits the upper eight count; fewer are spread over 0 to 255.
Result<BmpField> bmp_field(std::uint32_t mask, std::uint8_t absent) {
  BmpField field;
  field.values.fill(absent);
  if (mask == 0) return field;
  field.shift = std::countr_zero(mask);
  const int width = std::popcount(mask);
  if (std::countl_zero(mask) + width + field.shift != 32) return damaged("BMP");
  if (width > 8) {
    mask &= mask << (width - 8);
    field.shift += width - 8;
  }
  field.mask = mask;
  const unsigned most = (1U << std::min(width, 8)) - 1;
  for (unsigned i = 0; i <= most; ++i) field.values[i] = static_cast<std::uint8_t>((i * 255 + most / 2) / most);
  return field;
}

Status read_bmp_packing(const BmpHead& head, Bmp& bmp) {
  const std::uint32_t way = head.core() ? 0 : head.field(16);
  const auto is_one_of = [&](std::initializer_list<unsigned> depths) {
    return std::ranges::find(depths, bmp.bits) != depths.end();
  };
  bool fits = false;
  if (way == 0) {
    fits = is_one_of({1, 2, 4, 8, 16, 24, 32});
  } else if (way == 1) {
    bmp.packing = BmpPacking::runs_8;
    fits = bmp.bits == 8;
  } else if (way == 2) {
    bmp.packing = BmpPacking::runs_4;
    fits = bmp.bits == 4;
  } else if (head.windows() && (way == 3 || way == 6)) {
    bmp.packing = BmpPacking::fields;
    fits = is_one_of({16, 32});
  } else if (!head.windows() && way == 4) {
    bmp.packing = BmpPacking::runs_24;
    fits = bmp.bits == 24;
  } else if (way <= 5) {
    return fail(text::image_bmp_packed);
  }
  if (!fits) return damaged("BMP");
  return {};
}

Status read_bmp_fields(const BmpHead& head, Bmp& bmp) {
  std::array<std::uint32_t, 4> masks{0xFF0000, 0xFF00, 0xFF, 0};
  if (bmp.bits == 16) masks = {0x7C00, 0x3E0, 0x1F, 0};
  if (bmp.packing == BmpPacking::fields) {
    const std::size_t count = head.size == 52 || head.masks_behind() == 12 ? 3 : 4;
    masks[3] = 0;
    for (std::size_t i = 0; i < count; ++i) masks[i] = le32(head.bytes, 54 + 4 * i);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    // A mask of more bits than a pixel has asks for what is not there.
    const auto field = bmp_field(masks[i], i == 3 ? 255 : 0);
    if (!field) return std::unexpected(field.error());
    bmp.fields[i] = *field;
  }
  return {};
}

// Behind the header and its masks, up to the pixels at the most. Returns where it ends.
std::size_t read_bmp_palette(const BmpHead& head, Bmp& bmp, std::size_t pixels_at) {
  std::size_t at = 14 + head.size + head.masks_behind();
  const std::size_t entry = head.core() ? 3 : 4;
  const std::uint32_t used = head.core() ? 0 : head.field(32);
  const std::size_t end = pixels_at == 0 ? head.bytes.size() : std::min(pixels_at, head.bytes.size());
  std::size_t count = used != 0 ? used : bmp.bits <= 8 ? std::size_t{1} << bmp.bits : 0;
  count = std::min(count, end < at ? 0 : (end - at) / entry);
  for (std::size_t i = 0; i < std::min<std::size_t>(count, 256); ++i) {
    for (std::size_t c = 0; c < 3; ++c) bmp.colours[i][c] = u8(head.bytes, at + i * entry + 2 - c);
  }
  return at + count * entry;
}

Status read_bmp_head(const BmpHead& head, Bmp& bmp) {
  const std::uint64_t width = head.core() ? le16(head.bytes, 18) : head.field(4);
  const auto rows = static_cast<std::int32_t>(head.core() ? le16(head.bytes, 20) : head.field(8));
  const auto height = static_cast<std::uint64_t>(rows < 0 ? -static_cast<std::int64_t>(rows) : std::int64_t{rows});
  if (auto ok = check_extent(width, height); !ok) return ok;
  bmp.width = static_cast<int>(width);
  bmp.height = static_cast<int>(height);
  bmp.from_top = rows < 0;
  bmp.bits = le16(head.bytes, head.core() ? 24 : 28);
  return read_bmp_packing(head, bmp);
}

std::size_t bmp_stride(const Bmp& bmp) { return (static_cast<std::size_t>(bmp.width) * bmp.bits + 31) / 32 * 4; }

// Whether the pixels can be there at all: runs need two bytes for 255 of them, but for a picture mostly left out.
bool has_bmp_pixels(const Bmp& bmp) {
  const auto width = static_cast<std::size_t>(bmp.width);
  const auto height = static_cast<std::size_t>(bmp.height);
  constexpr std::size_t kSmall = 4'000'000;
  if (bmp.packing == BmpPacking::rows || bmp.packing == BmpPacking::fields) {
    return bmp_stride(bmp) * (height - 1) + (width * bmp.bits + 7) / 8 <= bmp.pixels.size();
  }
  return width * height <= kSmall || width * height / 128 <= bmp.pixels.size();
}

void lay_bmp_indices(const Bmp& bmp, const std::byte* row, std::uint8_t* out) {
  const unsigned mask = (1U << bmp.bits) - 1;
  for (std::size_t x = 0; x < static_cast<std::size_t>(bmp.width); ++x, out += 3) {
    const std::size_t bit = x * bmp.bits;
    const unsigned index = std::to_integer<unsigned>(row[bit / 8]) >> (8 - bmp.bits - bit % 8) & mask;
    std::memcpy(out, bmp.colours[index].data(), 3);
  }
}

std::uint32_t bmp_pixel(const std::byte* at, std::size_t bytes) {
  std::uint32_t pixel = 0;
  for (std::size_t i = bytes; i-- > 0;) pixel = pixel << 8U | std::to_integer<std::uint32_t>(at[i]);
  return pixel;
}

void lay_bmp_fields(const Bmp& bmp, const std::byte* row, std::uint8_t* out) {
  const std::size_t bytes = bmp.bits / 8;
  const bool clear = bmp.fields[3].mask != 0;
  for (int x = 0; x < bmp.width; ++x, row += bytes, out += 3) {
    const std::uint32_t pixel = bmp_pixel(row, bytes);
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint8_t value = bmp.fields[c].of(pixel);
      out[c] = clear ? over_white(value, bmp.fields[3].of(pixel)) : value;
    }
  }
}

Image lay_bmp_rows(const Bmp& bmp) {
  Image image = white_image(bmp.width, bmp.height);
  for (int y = 0; y < bmp.height; ++y) {
    const std::byte* row = bmp.pixels.data() + static_cast<std::size_t>(y) * bmp_stride(bmp);
    if (bmp.bits <= 8) {
      lay_bmp_indices(bmp, row, bmp.row(image, y));
    } else {
      lay_bmp_fields(bmp, row, bmp.row(image, y));
    }
  }
  return image;
}

// Runs of one colour (or, of four bits, of two in turn), and pieces as they are. What is passed over is black, as in
// browsers.
class BmpRuns {
 public:
  BmpRuns(const Bmp& bmp, Image& image) : bmp_(bmp), image_(image), left_(bmp.pixels) {}

  // False where the data end before the picture does.
  bool lay() {
    while (y_ < bmp_.height) {
      if (left_.size() < 2) return y_ == bmp_.height - 1 && x_ >= bmp_.width;
      const unsigned count = u8(left_, 0);
      const unsigned what = u8(left_, 1);
      if (count > 0) {
        left_ = left_.subspan(1);
        if (left_.size() < unit()) return false;
        for (unsigned i = 0; i < count; ++i) put(i, false);
        left_ = left_.subspan(unit());
        continue;
      }
      left_ = left_.subspan(2);
      if (what == 1) return true;
      if (what == 0) {
        x_ = 0;
        ++y_;
      } else if (what == 2 ? !skip() : !piece(what)) {
        return false;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] std::size_t unit() const { return bmp_.packing == BmpPacking::runs_24 ? 3 : 1; }

  bool skip() {
    if (left_.size() < 2) return false;
    x_ += u8(left_, 0);
    y_ += u8(left_, 1);
    left_ = left_.subspan(2);
    return true;
  }

  bool piece(unsigned count) {
    const std::size_t bytes = bmp_.packing == BmpPacking::runs_4 ? (count + 1) / 2 : count * unit();
    if (left_.size() < bytes) return false;
    for (unsigned i = 0; i < count; ++i) put(i, true);
    left_ = left_.subspan(std::min(left_.size(), (bytes + 1) / 2 * 2));
    return true;
  }

  // The pixel number `i` of a run, or of a piece, whose bytes come next.
  void put(unsigned i, bool piece) {
    const int x = x_++;
    if (x >= bmp_.width || y_ >= bmp_.height) return;
    std::uint8_t* out = bmp_.row(image_, y_) + static_cast<std::size_t>(x) * 3;
    if (bmp_.packing == BmpPacking::runs_24) {
      for (std::size_t c = 0; c < 3; ++c) out[c] = u8(left_, (piece ? i * 3U : 0U) + 2 - c);
      return;
    }
    unsigned index = u8(left_, !piece ? 0 : bmp_.packing == BmpPacking::runs_4 ? i / 2 : i);
    if (bmp_.packing == BmpPacking::runs_4) index = i % 2 == 0 ? index >> 4U : index & 15U;
    std::memcpy(out, bmp_.colours[index].data(), 3);
  }

  const Bmp& bmp_;
  Image& image_;
  std::span<const std::byte> left_;
  int x_ = 0;
  int y_ = 0;
};

}  // namespace

Result<Image> decode_bmp(std::span<const std::byte> bytes) {
  if (bytes.size() < 26) return cut_short("BMP");
  const BmpHead head{bytes, le32(bytes, 14)};
  if (!head.core() && !head.windows() && (head.size < 16 || head.size > 64)) return damaged("BMP");
  if (bytes.size() < 14 + head.size) return cut_short("BMP");  // before any of its fields is read
  if (bytes.size() < 14 + head.size + head.masks_behind()) return cut_short("BMP");
  Bmp bmp;
  if (auto ok = read_bmp_head(head, bmp); !ok) return std::unexpected(ok.error());
  if (auto ok = read_bmp_fields(head, bmp); !ok) return std::unexpected(ok.error());
  std::size_t at = le32(bytes, 10);
  const std::size_t behind = read_bmp_palette(head, bmp, at);
  if (at == 0) at = behind;
  if (at < 14 + head.size) return damaged("BMP");
  if (at > bytes.size()) return cut_short("BMP");
  bmp.pixels = bytes.subspan(at);
  if (!has_bmp_pixels(bmp)) return cut_short("BMP");
  if (bmp.packing == BmpPacking::rows || bmp.packing == BmpPacking::fields) return lay_bmp_rows(bmp);
  Image image = white_image(bmp.width, bmp.height);
  std::ranges::fill(image.rgb, std::uint8_t{0});
  if (!BmpRuns(bmp, image).lay()) return cut_short("BMP");
  return image;
}

}  // namespace weightroom::io
