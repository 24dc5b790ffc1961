#include <array>
#include <cstdlib>

#include "io/image.h"
#include "io/picture_decode.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

using testing::bmp_of;
using testing::Bytes;
using testing::bytes_from;
using testing::put_le;

TEST(DecodeBmp, BothWaysUpAndPalette) {
  const auto image = decode_image(bmp_of(1, 2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})));
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{10, 20, 30, 1, 2, 3}));
  const auto from_top = decode_image(bmp_of(1, -2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})));
  ASSERT_TRUE(from_top);
  EXPECT_EQ(from_top->rgb, (std::vector<std::uint8_t>{1, 2, 3, 10, 20, 30}));
  const auto palette = decode_image(bmp_of(2, 1, 8, bytes_from({1, 0, 0, 0}), bytes_from({9, 8, 7, 0, 6, 5, 4, 0})));
  ASSERT_TRUE(palette) << testing::message_of(palette);
  EXPECT_EQ(palette->rgb, (std::vector<std::uint8_t>{4, 5, 6, 7, 8, 9}));
}

// A BMP with any header: 12 bytes (OS/2 1), 16 to 64 (OS/2 2), 40, 52, 56, 108, 124 (Windows).
struct AnyBmp {
  int width = 9;
  int height = 5;  // negative: from the top
  int bits = 24;
  unsigned header = 40;
  int compression = 0;
  std::vector<std::uint32_t> masks{};
  Bytes palette{};
  unsigned used = 0;
  unsigned gap = 0;
  Bytes pixels{};  // as stored; empty: noise

  [[nodiscard]] int stride() const { return (width * bits + 31) / 32 * 4; }
  [[nodiscard]] Bytes stored() const {
    Bytes out = pixels;
    for (int i = 0; pixels.empty() && i < stride() * std::abs(height); ++i)
      out.push_back(static_cast<std::byte>((i * 7919 + i * i * 31 + 5) >> 2 & 255));
    return out;
  }

  [[nodiscard]] Bytes head() const {
    Bytes out;
    put_le(out, header, 4);
    if (header == 12) {
      put_le(out, static_cast<std::uint32_t>(width), 2);
      put_le(out, static_cast<std::uint32_t>(height), 2);
      put_le(out, 1, 2);
      put_le(out, static_cast<std::uint32_t>(bits), 2);
      return out;
    }
    put_le(out, static_cast<std::uint32_t>(width), 4);
    put_le(out, static_cast<std::uint32_t>(height), 4);
    put_le(out, 1, 2);
    put_le(out, static_cast<std::uint32_t>(bits), 2);
    put_le(out, static_cast<std::uint32_t>(compression), 4);
    put_le(out, 0, 4);
    put_le(out, 2835, 4);
    put_le(out, 2835, 4);
    put_le(out, used, 4);
    put_le(out, 0, 4);
    if (header == 40) {
      for (const std::uint32_t mask : masks) put_le(out, mask, 4);
      return out;
    }
    if (header >= 52 && header != 64) {
      for (const std::uint32_t mask : masks) put_le(out, mask, 4);
    }
    out.resize(header);
    return out;
  }

  [[nodiscard]] Bytes file() const {
    const Bytes info = head();
    const Bytes body = stored();
    Bytes out = testing::bytes_of("BM");
    const auto at = static_cast<std::uint32_t>(14 + info.size() + palette.size() + gap);
    put_le(out, at + static_cast<std::uint32_t>(body.size()), 4);
    put_le(out, 0, 4);
    put_le(out, at, 4);
    out.insert(out.end(), info.begin(), info.end());
    out.insert(out.end(), palette.begin(), palette.end());
    out.resize(out.size() + gap, std::byte{0xA5});
    out.insert(out.end(), body.begin(), body.end());
    return out;
  }

  // The bits of a pixel, first bits first within a byte, first bytes lowest.
  [[nodiscard]] std::uint32_t pixel(int x, int y) const {
    const Bytes body = stored();
    const int row = height > 0 ? height - 1 - y : y;
    const auto byte = [&](int at) {
      return std::to_integer<std::uint32_t>(body[static_cast<std::size_t>(row * stride() + at)]);
    };
    if (bits < 8) return byte(x * bits / 8) >> (8 - bits - x * bits % 8) & ((1U << bits) - 1);
    std::uint32_t value = 0;
    for (int i = 0; i < bits / 8; ++i) value |= byte(x * bits / 8 + i) << (8 * i);
    return value;
  }
};

Bytes palette_of(int count, int entry) {
  Bytes palette;
  for (int i = 0; i < count; ++i) {
    for (int c = 0; c < 3; ++c) palette.push_back(static_cast<std::byte>((i * 59 + c * 83 + 11) & 255));
    if (entry == 4) palette.push_back(std::byte{0});
  }
  return palette;
}

using Rgb = std::array<int, 3>;

Rgb coloured(const AnyBmp& bmp, int x, int y) {
  const std::size_t entry = bmp.header == 12 ? 3 : 4;
  const std::size_t at = bmp.pixel(x, y) * entry;
  if (at + entry > bmp.palette.size()) return {0, 0, 0};
  const auto part = [&](std::size_t c) { return std::to_integer<int>(bmp.palette[at + c]); };
  return {part(2), part(1), part(0)};
}

// Each channel as its share of the largest value that its mask has room for; over white where there is alpha.
Rgb fielded(const AnyBmp& bmp, int x, int y, const std::vector<std::uint32_t>& masks) {
  const auto share = [&](std::uint32_t mask) {
    int shift = 0;
    while (mask != 0 && (mask >> shift & 1U) == 0) ++shift;
    std::uint32_t value = (bmp.pixel(x, y) & mask) >> shift;
    std::uint32_t most = mask >> shift;
    for (; most > 255; most >>= 1U) value >>= 1U;
    return static_cast<int>(value * 255.0 / most + 0.5);
  };
  const int alpha = masks.size() > 3 ? share(masks[3]) : 255;
  Rgb rgb{};
  for (std::size_t c = 0; c < 3; ++c)
    rgb[c] = static_cast<int>((share(masks[c]) * alpha + 255 * (255 - alpha)) / 255.0 + 0.5);
  return rgb;
}

void expect_all(const AnyBmp& bmp, const auto& wanted) {
  SCOPED_TRACE(::testing::Message() << bmp.bits << " bits, header of " << bmp.header << ", compression "
                                    << bmp.compression);
  const auto image = decode_image(bmp.file());
  ASSERT_TRUE(image) << testing::message_of(image);
  ASSERT_EQ(image->width, bmp.width);
  ASSERT_EQ(image->height, std::abs(bmp.height));
  for (int y = 0; y < image->height; ++y) {
    for (int x = 0; x < image->width; ++x) {
      const std::uint8_t* pixel = image->pixel(x, y);
      ASSERT_EQ((Rgb{pixel[0], pixel[1], pixel[2]}), wanted(bmp, x, y)) << x << "," << y;
    }
  }
}

TEST(DecodeBmp, PalettesOfEveryHeader) {
  for (const int bits : {1, 2, 4, 8}) {
    for (const unsigned header : {12U, 16U, 40U, 52U, 56U, 64U, 108U, 124U}) {
      for (const int height : {5, -5}) {
        if (height < 0 && header == 12) continue;
        for (const unsigned gap : {0U, 1U, 100U}) {
          if (gap == 100 && header == 12) continue;  // colours without number: the gap would be some
          AnyBmp bmp{.height = height,
                     .bits = bits,
                     .header = header,
                     .palette = palette_of(1 << bits, header == 12 ? 3 : 4),
                     .gap = gap};
          expect_all(bmp, coloured);
        }
      }
    }
  }
}

// The old header does not say how many colours there are: as many as fit before the pixels.
TEST(DecodeBmp, ShortAndLongPalettes) {
  for (const int colours : {2, 10, 15, 16}) {
    expect_all({.bits = 4, .header = 12, .palette = palette_of(colours, 3)}, coloured);
    expect_all({.bits = 4, .palette = palette_of(colours, 4), .used = static_cast<unsigned>(colours)}, coloured);
  }
  expect_all({.bits = 8, .palette = palette_of(300, 4), .used = 300}, coloured);
  expect_all({.bits = 24, .palette = palette_of(200, 4), .used = 200},
             [](const AnyBmp& bmp, int x, int y) { return fielded(bmp, x, y, {0xFF0000, 0xFF00, 0xFF}); });
}

TEST(DecodeBmp, PlainColoursOfEveryHeader) {
  for (const unsigned header : {12U, 40U, 52U, 56U, 64U, 108U, 124U}) {
    for (const unsigned gap : {0U, 7U, 64U}) {
      expect_all({.header = header, .gap = gap},
                 [](const AnyBmp& bmp, int x, int y) { return fielded(bmp, x, y, {0xFF0000, 0xFF00, 0xFF}); });
      expect_all({.bits = 32, .header = header, .gap = gap}, [](const AnyBmp& bmp, int x, int y) {
        return fielded(bmp, x, y, {0xFF0000, 0xFF00, 0xFF});  // the fourth byte is not said to be alpha
      });
      expect_all({.bits = 16, .header = header, .gap = gap},
                 [](const AnyBmp& bmp, int x, int y) { return fielded(bmp, x, y, {0x7C00, 0x3E0, 0x1F}); });
    }
  }
}

TEST(DecodeBmp, FieldsOfEveryWidth) {
  const std::vector<std::vector<std::uint32_t>> sixteen{
      {0xF800, 0x7E0, 0x1F}, {0x7C00, 0x3E0, 0x1F},      {0x30, 0xE, 1},
      {0x1F, 0x7E0, 0xF800}, {0xF00, 0xF0, 0xF, 0xF000}, {0x7C00, 0x3E0, 0x1F, 0x8000}};
  const std::vector<std::vector<std::uint32_t>> thirty_two{{0xFF0000, 0xFF00, 0xFF},
                                                           {0xFF, 0xFF00, 0xFF0000},
                                                           {0xFFE00000, 0x1FFC00, 0x3FF},
                                                           {0xFE000000, 0x1FFFF80, 0x7F},
                                                           {0xFF0000, 0xFF00, 0xFF, 0xFF000000},
                                                           {0xFF, 0xFF00, 0xFF0000, 0x80000000}};
  for (const int bits : {16, 32}) {
    for (const auto& masks : bits == 16 ? sixteen : thirty_two) {
      for (const unsigned header : {40U, 52U, 56U, 108U, 124U}) {
        if (header == 52 && masks.size() == 4) continue;  // it has no place for alpha
        // Of 40 bytes, three masks follow or, by another number, four.
        const int compression = header == 40 && masks.size() == 4 ? 6 : 3;
        expect_all({.bits = bits, .header = header, .compression = compression, .masks = masks},
                   [&](const AnyBmp& bmp, int x, int y) { return fielded(bmp, x, y, masks); });
      }
    }
  }
  for (const auto& masks : {std::vector<std::uint32_t>{5, 0x7E0, 0x1F}, std::vector<std::uint32_t>{0xF00F, 0, 0}})
    EXPECT_REFUSED(decode_image(AnyBmp{.bits = 16, .compression = 3, .masks = masks}.file()), "damaged");
}

std::vector<int> indices(const Image& image) {
  std::vector<int> red;
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) red.push_back(image.rgb[i]);
  return red;
}

// A palette whose red is the index.
Bytes ramp(int count) {
  Bytes palette;
  for (int i = 0; i < count; ++i) put_le(palette, static_cast<std::uint32_t>(i) << 16U, 4);
  return palette;
}

TEST(DecodeBmp, RunsOfEightBits) {
  // From the bottom: a run; a piece of three, whose filling is passed over; a step of two right and one up; the end.
  const Bytes runs = bytes_from({3, 7, 2, 9, 0, 0, 0, 3, 4, 5, 6, 0, 2, 8, 0, 0, 1, 1, 0, 2, 1, 1, 3, 2, 0, 1});
  for (const unsigned header : {40U, 64U, 124U}) {
    AnyBmp bmp{
        .width = 5, .height = 4, .bits = 8, .header = header, .compression = 1, .palette = ramp(256), .pixels = runs};
    const auto image = decode_image(bmp.file());
    ASSERT_TRUE(image) << testing::message_of(image);
    EXPECT_EQ(indices(*image), (std::vector<int>{0, 0, 2, 2, 2, 1, 0, 0, 0, 0, 4, 5, 6, 8, 8, 7, 7, 7, 9, 9}));
    bmp.height = -4;
    EXPECT_EQ(decode_image(bmp.file())->pixel(0, 0)[0], 7);
  }
}

TEST(DecodeBmp, RunsOfFourBits) {
  const Bytes runs = bytes_from({5, 0x12, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 0, 1});
  const auto image = decode_image(
      AnyBmp{.width = 5, .height = 2, .bits = 4, .compression = 2, .palette = ramp(16), .pixels = runs}.file());
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(indices(*image), (std::vector<int>{3, 4, 5, 6, 7, 1, 2, 1, 2, 1}));
}

TEST(DecodeBmp, RunsOfColours) {
  const Bytes runs = bytes_from({2, 1, 2, 3, 0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 1});
  const auto image =
      decode_image(AnyBmp{.width = 3, .height = 2, .bits = 24, .header = 64, .compression = 4, .pixels = runs}.file());
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{6, 5, 4, 9, 8, 7, 12, 11, 10, 3, 2, 1, 3, 2, 1, 0, 0, 0}));
}

TEST(DecodeBmp, RunsThatAreWrong) {
  const auto runs = [](std::initializer_list<int> bytes) {
    return decode_image(
        AnyBmp{.width = 3, .height = 2, .bits = 8, .compression = 1, .palette = ramp(256), .pixels = bytes_from(bytes)}
            .file());
  };
  EXPECT_EQ(indices(*runs({9, 5, 0, 0, 3, 6})), (std::vector<int>{6, 6, 6, 5, 5, 5})) << "too long, and without an end";
  EXPECT_EQ(indices(*runs({3, 5, 0, 1})), (std::vector<int>{0, 0, 0, 5, 5, 5}));
  EXPECT_EQ(indices(*runs({0, 2, 255, 255, 3, 5})), std::vector<int>(6));
  EXPECT_REFUSED(runs({3, 5, 0, 0, 2, 6}), "cut short");
  EXPECT_REFUSED(runs({3, 5, 0, 0, 0, 3, 1}), "cut short");
  EXPECT_REFUSED(runs({3, 5, 0, 2, 1}), "cut short");
  EXPECT_REFUSED(runs({3}), "cut short");
  EXPECT_REFUSED(
      decode_image(
          AnyBmp{.width = 3500, .height = 3500, .bits = 8, .compression = 1, .pixels = bytes_from({0, 1})}.file()),
      "cut short");
}

TEST(DecodeBmp, KindsThatAreNotRead) {
  for (const int compression : {4, 5})
    EXPECT_REFUSED(decode_image(AnyBmp{.bits = 24, .compression = compression}.file()), "packed as");
  EXPECT_REFUSED(decode_image(AnyBmp{.bits = 1, .header = 64, .compression = 3}.file()), "Huffman");
  for (const int bits : {0, 3, 15, 48, 64})
    EXPECT_REFUSED(decode_image(AnyBmp{.bits = bits, .pixels = Bytes(1000)}.file()), "damaged");
  EXPECT_REFUSED(decode_image(AnyBmp{.bits = 4, .compression = 1}.file()), "damaged");
  EXPECT_REFUSED(decode_image(AnyBmp{.header = 70}.file()), "damaged");
  Bytes early = AnyBmp{}.file();
  early[10] = std::byte{20};  // pixels within the header
  EXPECT_REFUSED(decode_image(early), "damaged");
}

TEST(DecodeBmp, WithoutTheLastFilling) {
  const Bytes file = AnyBmp{.width = 7, .height = 3}.file();  // three bytes of filling a row
  const auto whole = decode_image(file);
  for (std::size_t gone = 1; gone <= 3; ++gone)
    EXPECT_EQ(*decode_image(std::span(file).first(file.size() - gone)), *whole);
  for (std::size_t gone = 4; gone < file.size(); ++gone)
    EXPECT_FALSE(decode_image(std::span(file).first(file.size() - gone)));
}

}  // namespace
}  // namespace weightroom::io
