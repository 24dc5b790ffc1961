#include <array>
#include <cstdlib>

#include "io/image.h"
#include "io/picture_decode.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::png_of;
using testing::put_be;
using testing::put_chunk;

TEST(DecodePng, SixteenBits) {
  // Two pixels of RGB: 0xFF80, 0x0001, 0x7FFF and 0x1234, 0xABCD, 0xFFFF.
  const auto image = decode_image(
      png_of(2, 1, 16, 2, bytes_from({0, 0xFF, 0x80, 0, 1, 0x7F, 0xFF, 0x12, 0x34, 0xAB, 0xCD, 0xFF, 0xFF})));
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{0xFF, 0, 0x7F, 0x12, 0xAB, 0xFF}));
  const auto grey = decode_image(png_of(2, 1, 16, 0, bytes_from({0, 0x80, 0x10, 0xFF, 0xFF})));
  ASSERT_TRUE(grey);
  EXPECT_EQ(grey->rgb, (std::vector<std::uint8_t>{0x80, 0x80, 0x80, 255, 255, 255}));
  // Grey with alpha: black at half strength over white.
  const auto alpha = decode_image(png_of(1, 1, 16, 4, bytes_from({0, 0, 0, 0x80, 0})));
  ASSERT_TRUE(alpha);
  EXPECT_EQ(alpha->rgb, (std::vector<std::uint8_t>{127, 127, 127}));
}

TEST(DecodePng, AlphaLiesOverWhite) {
  const auto image = decode_image(png_of(3, 1, 8, 6, bytes_from({0, 10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 51})));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{10, 20, 30, 255, 255, 255, 204, 224, 244}));
}

TEST(DecodePng, PaletteAndItsTransparency) {
  const Bytes palette = bytes_from({1, 2, 3, 200, 100, 50});
  const auto plain = decode_image(png_of(4, 1, 1, 3, bytes_from({0, 0b01010000}), palette));
  ASSERT_TRUE(plain) << testing::message_of(plain);
  EXPECT_EQ(plain->rgb, (std::vector<std::uint8_t>{1, 2, 3, 200, 100, 50, 1, 2, 3, 200, 100, 50}));
  const auto clear = decode_image(png_of(2, 1, 1, 3, bytes_from({0, 0b01000000}), palette, bytes_from({0})));
  ASSERT_TRUE(clear);
  EXPECT_EQ(clear->rgb, (std::vector<std::uint8_t>{255, 255, 255, 200, 100, 50}));
}

constexpr std::array<std::array<int, 4>, 7> kPasses{
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};

// A PNG of any kind out of its samples, by the plain wording of the standard; each row takes the next filter.
struct PlainPng {
  int width = 0;
  int height = 0;
  int depth = 8;
  int colour = 2;
  bool interlaced = false;
  Bytes between{};  // chunks ahead of the pixels

  [[nodiscard]] int channels() const { return std::array{1, 0, 3, 1, 2, 0, 4}[static_cast<std::size_t>(colour)]; }
  // Nothing a filter could foresee, and every value of few bits.
  [[nodiscard]] unsigned sample(int x, int y, int c) const {
    return static_cast<unsigned>(x * 40503 + y * 30011 + c * 20011 + x * y * 977) >> 3U & ((1U << depth) - 1);
  }

  [[nodiscard]] Bytes row(int y, int first, int step) const {
    Bytes out;
    unsigned held = 0;
    int bits = 0;
    for (int x = first; x < width; x += step) {
      for (int c = 0; c < channels(); ++c) {
        held = held << depth | sample(x, y, c);
        for (bits += depth; bits >= 8; bits -= 8) out.push_back(static_cast<std::byte>(held >> (bits - 8) & 0xFFU));
      }
    }
    if (bits > 0) out.push_back(static_cast<std::byte>(held << (8 - bits) & 0xFFU));
    return out;
  }

  // The rows of one pass, each with its filter.
  void put_pass(Bytes& out, int x, int y, int step_x, int step_y) const {
    Bytes before;
    const auto wide = static_cast<std::size_t>(std::max(1, channels() * depth / 8));
    int filter = 0;
    for (; x < width && y < height; y += step_y) {
      const Bytes now = row(y, x, step_x);
      before.resize(now.size());
      out.push_back(static_cast<std::byte>(filter));
      for (std::size_t i = 0; i < now.size(); ++i) {
        const int a = i < wide ? 0 : std::to_integer<int>(now[i - wide]);
        const int b = std::to_integer<int>(before[i]);
        const int c = i < wide ? 0 : std::to_integer<int>(before[i - wide]);
        const int p = a + b - c;
        const int nearest = std::abs(p - a) <= std::abs(p - b) && std::abs(p - a) <= std::abs(p - c) ? a
                            : std::abs(p - b) <= std::abs(p - c)                                     ? b
                                                                                                     : c;
        const int guess = std::array{0, a, b, (a + b) / 2, nearest}[static_cast<std::size_t>(filter)];
        out.push_back(static_cast<std::byte>((std::to_integer<int>(now[i]) - guess) & 255));
      }
      before = now;
      filter = (filter + 1) % 5;
    }
  }

  [[nodiscard]] Bytes raw() const {
    Bytes out;
    if (!interlaced) put_pass(out, 0, 0, 1, 1);
    for (const auto& [x, y, step_x, step_y] : kPasses) {
      if (interlaced) put_pass(out, x, y, step_x, step_y);
    }
    return out;
  }

  [[nodiscard]] Bytes head() const {
    Bytes png = testing::bytes_of("\x89PNG\r\n\x1A\n");
    Bytes data;
    put_be(data, static_cast<std::uint32_t>(width), 4);
    put_be(data, static_cast<std::uint32_t>(height), 4);
    for (const int value : {depth, colour, 0, 0, interlaced ? 1 : 0})
      put_be(data, static_cast<std::uint32_t>(value), 1);
    put_chunk(png, "IHDR", data);
    png.insert(png.end(), between.begin(), between.end());
    return png;
  }

  [[nodiscard]] Bytes file() const {
    Bytes png = head();
    put_chunk(png, "IDAT", testing::zlib_stored(raw()));
    put_chunk(png, "IEND", {});
    return png;
  }
};

std::uint8_t laid(unsigned value, unsigned alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha)) / 255.0 + 0.5);
}

// What the samples of a pixel stand for: grey and colours in eight bits (of sixteen the upper ones), alpha over white.
std::array<std::uint8_t, 3> shown(const PlainPng& png, int x, int y, const Bytes& palette) {
  const auto eight = [&](int c) {
    const unsigned value = png.sample(x, y, c);
    return png.depth == 16 ? value >> 8U : value * 255 / ((1U << png.depth) - 1);
  };
  if (png.colour == 3) {
    const std::size_t at = std::size_t{3} * png.sample(x, y, 0);
    const auto part = [&](std::size_t c) { return std::to_integer<std::uint8_t>(palette[at + c]); };
    return {part(0), part(1), part(2)};
  }
  const unsigned alpha = png.colour >= 4 ? eight(png.channels() - 1) : 255;
  const bool grey = png.colour == 0 || png.colour == 4;
  return {laid(eight(0), alpha), laid(eight(grey ? 0 : 1), alpha), laid(eight(grey ? 0 : 2), alpha)};
}

Bytes every_colour() {
  Bytes palette;
  for (int i = 0; i < 768; ++i) palette.push_back(static_cast<std::byte>(i * 37 % 256));
  return palette;
}

TEST(DecodePng, EveryDepthColourAndPass) {
  const Bytes palette = every_colour();
  const std::array<std::vector<int>, 7> depths{{{1, 2, 4, 8, 16}, {}, {8, 16}, {1, 2, 4, 8}, {8, 16}, {}, {8, 16}}};
  for (int colour = 0; colour < 7; ++colour) {
    for (const int depth : depths[static_cast<std::size_t>(colour)]) {
      for (const bool interlaced : {false, true}) {
        for (const auto& [width, height] :
             {std::pair{1, 1}, std::pair{3, 2}, std::pair{5, 5}, std::pair{11, 13}, std::pair{33, 9}}) {
          SCOPED_TRACE(::testing::Message() << "colour " << colour << " depth " << depth << " interlaced " << interlaced
                                            << ", " << width << " x " << height);
          PlainPng png{width, height, depth, colour, interlaced};
          if (colour == 3) put_chunk(png.between, "PLTE", Bytes(palette.begin(), palette.begin() + (3 << depth)));
          const auto image = decode_image(png.file());
          ASSERT_TRUE(image) << testing::message_of(image);
          for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
              const std::uint8_t* pixel = image->pixel(x, y);
              ASSERT_EQ((std::array{pixel[0], pixel[1], pixel[2]}), shown(png, x, y, palette)) << x << "," << y;
            }
          }
        }
      }
    }
  }
}

// The one colour of tRNS is white where all its bits fit, and nowhere else.
TEST(DecodePng, OneColourIsTransparent) {
  for (const int colour : {0, 2}) {
    for (const int depth : {1, 2, 4, 8, 16}) {
      if (colour == 2 && depth < 8) continue;
      PlainPng png{16, 16, depth, colour};
      Bytes key;
      for (int c = 0; c < png.channels(); ++c) put_be(key, png.sample(5, 3, c), 2);
      put_chunk(png.between, "tRNS", key);
      const auto image = decode_image(png.file());
      ASSERT_TRUE(image);
      for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
          bool clear = true;
          for (int c = 0; c < png.channels(); ++c) clear = clear && png.sample(x, y, c) == png.sample(5, 3, c);
          const auto wanted = clear ? std::array<std::uint8_t, 3>{255, 255, 255} : shown(png, x, y, {});
          const std::uint8_t* pixel = image->pixel(x, y);
          ASSERT_EQ((std::array{pixel[0], pixel[1], pixel[2]}), wanted)
              << colour << " " << depth << ": " << x << "," << y;
        }
      }
    }
  }
}

TEST(DecodePng, WhatIsBesideThePixelsChangesNone) {
  PlainPng png{9, 7, 8, 6};
  const auto plain = decode_image(png.file());
  put_chunk(png.between, "gAMA", bytes_from({0, 0, 0x10, 0}));
  put_chunk(png.between, "bKGD", bytes_from({0, 255, 0, 0, 0, 0}));
  put_chunk(png.between, "sBIT", bytes_from({5, 6, 5, 8}));
  put_chunk(png.between, "tEXt", bytes_from({'a', 0, 'b'}));
  Bytes palette;
  put_chunk(palette, "PLTE", bytes_from({1, 2, 3}));
  png.between.insert(png.between.end(), palette.begin(), palette.end());
  EXPECT_EQ(*decode_image(png.file()), *plain);
  // A comment's checksum spoils no pixel either; one of pixels does.
  Bytes file = png.file();
  const std::size_t comment = testing::text_of(file).find("tEXt");
  file[comment + 8] ^= std::byte{1};
  EXPECT_TRUE(decode_image(file));
  put_chunk(png.between, "ABCD", {});
  EXPECT_REFUSED(decode_image(png.file()), "damaged");
  Bytes apple = testing::bytes_of("\x89PNG\r\n\x1A\n");
  put_chunk(apple, "CgBI", bytes_from({0x50, 0, 0x20, 6}));
  EXPECT_REFUSED(decode_image(apple), "Apple");
}

TEST(DecodePng, PixelsInManyPieces) {
  const PlainPng png{9, 7, 8, 2};
  const Bytes packed = testing::zlib_stored(png.raw());
  for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
    Bytes file = png.head();
    for (std::size_t at = 0; at < packed.size(); at += piece) {
      const auto end = std::min(at + piece, packed.size());
      put_chunk(
          file, "IDAT",
          Bytes(packed.begin() + static_cast<std::ptrdiff_t>(at), packed.begin() + static_cast<std::ptrdiff_t>(end)));
      if (piece == 7) put_chunk(file, "IDAT", {});
    }
    put_chunk(file, "IEND", {});
    EXPECT_EQ(*decode_image(file), *decode_image(png.file())) << piece;
  }
}

// A PNG whose pixels are all there is read, whatever is missing behind them.
TEST(DecodePng, WithoutItsEnd) {
  for (const bool interlaced : {false, true}) {
    const PlainPng png{9, 7, 8, 2, interlaced};
    const Bytes file = png.file();
    const auto whole = decode_image(file);
    // The end is twelve bytes, the checksum before it four, and so is that of the packed bytes.
    for (std::size_t gone = 0; gone <= 20; ++gone) {
      const auto image = decode_image(std::span(file).first(file.size() - gone));
      ASSERT_TRUE(image) << gone << testing::message_of(image);
      EXPECT_EQ(*image, *whole);
    }
    for (std::size_t gone = 21; gone < file.size(); ++gone)
      EXPECT_FALSE(decode_image(std::span(file).first(file.size() - gone)));
    EXPECT_REFUSED(decode_image(std::span(file).first(file.size() - 21)), "cut short");
    Bytes more = file;
    more.resize(more.size() + 50);
    EXPECT_EQ(*decode_image(more), *whole);
  }
}

TEST(DecodePng, TooFewOrTooManyPixels) {
  const PlainPng png{9, 7, 8, 2};
  for (const int change : {-1, 1, 300}) {
    Bytes raw = png.raw();
    raw.resize(static_cast<std::size_t>(static_cast<int>(raw.size()) + change));
    Bytes file = png.head();
    put_chunk(file, "IDAT", testing::zlib_stored(raw));
    put_chunk(file, "IEND", {});
    const auto image = decode_image(file);
    if (change < 0) {
      EXPECT_REFUSED(image, "damaged");
    } else {
      EXPECT_EQ(*image, *decode_image(png.file()));
    }
  }
  Bytes bad_filter = png.raw();
  bad_filter[28] = std::byte{5};
  Bytes file = png.head();
  put_chunk(file, "IDAT", testing::zlib_stored(bad_filter));
  EXPECT_REFUSED(decode_image(file), "damaged");
  // Fifteen million pixels, which every build would read, cannot come out of a hundred bytes:
  // refused before any memory is taken.
  PlainPng large{5000, 3000, 8, 2};
  file = large.head();
  put_chunk(file, "IDAT", testing::zlib_stored(Bytes(100)));
  put_chunk(file, "IEND", {});
  EXPECT_REFUSED(decode_image(file), "damaged");
}

TEST(DecodePng, TurnsAsExifSays) {
  const PlainPng png{9, 6, 8, 2};
  const auto upright = decode_image(png.file());
  for (int orientation = 0; orientation <= 9; ++orientation) {
    Bytes tiff =
        bytes_from({'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0});
    PlainPng before = png;
    put_chunk(before.between, "eXIf", tiff);
    const auto image = decode_image(before.file());
    ASSERT_TRUE(image);
    EXPECT_EQ(*image, turned(*upright, orientation >= 1 && orientation <= 8 ? orientation : 1));
    // It may stand behind the pixels too.
    Bytes behind = png.file();
    behind.resize(behind.size() - 12);
    put_chunk(behind, "eXIf", tiff);
    put_chunk(behind, "IEND", {});
    EXPECT_EQ(*decode_image(behind), *image);
  }
}

TEST(DecodePng, HeadsThatFitNothing) {
  for (const auto& [depth, colour] : {std::pair{3, 0}, std::pair{4, 2}, std::pair{16, 3}, std::pair{4, 4},
                                      std::pair{8, 5}, std::pair{8, 7}, std::pair{0, 0}, std::pair{32, 0}})
    EXPECT_REFUSED(decode_image(png_of(1, 1, depth, colour, bytes_from({0, 0, 0, 0, 0}))), "damaged");
  EXPECT_REFUSED(decode_image(png_of(1, 1, 8, 3, bytes_from({0, 0}))), "damaged");  // no palette
  EXPECT_REFUSED(decode_image(png_of(1, 1, 8, 3, bytes_from({0, 0}), bytes_from({1, 2}))), "damaged");
}

}  // namespace
}  // namespace weightroom::io
