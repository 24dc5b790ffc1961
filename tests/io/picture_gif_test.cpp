#include <algorithm>

#include "base/limits.h"
#include "io/gif_testing.h"
#include "io/image.h"
#include "io/picture_decode.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::expect_near;
using testing::gif_of;
using testing::GifPart;
using testing::golden_picture;

TEST(DecodeGif, FirstFrame) {
  for (const char* name : {"palette.gif", "interlaced.gif"}) {
    const auto image = decode_image(golden_picture(name));
    ASSERT_TRUE(image) << name << ": " << testing::message_of(image);
    testing::expect_quadrants(*image, 0);
  }
  const auto animated = decode_image(golden_picture("animated.gif"));
  ASSERT_TRUE(animated) << testing::message_of(animated);
  expect_near(*animated, 3, 3, 255, 0, 0, 0);
  expect_near(*animated, 12, 12, 255, 255, 255, 0);  // transparent, over white
}

Bytes colours(int count, int first = 0) {
  Bytes palette;
  for (int i = 0; i < 3 * count; ++i) palette.push_back(static_cast<std::byte>((first + i * 29) % 251));
  return palette;
}

std::vector<int> noise(int count, int most) {
  std::vector<int> pixels;
  unsigned state = 1;
  for (int i = 0; i < count; ++i) {
    state = state * 1664525U + 1013904223U;
    pixels.push_back(static_cast<int>((state >> 16U) % static_cast<unsigned>(most)));
  }
  return pixels;
}

// White, with a frame of these pixels in it. What the palette lacks is black.
Image drawn(int width, int height, const GifPart& part, const Bytes& palette) {
  Image image = white_image(width, height);
  for (int y = 0; y < part.height; ++y) {
    for (int x = 0; x < part.width; ++x) {
      const int index = part.pixels[static_cast<std::size_t>(y * part.width + x)];
      if (index == part.clear) continue;
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t at = static_cast<std::size_t>(index) * 3 + c;
        image.rgb[static_cast<std::size_t>(((part.y + y) * width + part.x + x)) * 3 + c] =
            at < palette.size() ? std::to_integer<std::uint8_t>(palette[at]) : std::uint8_t{0};
      }
    }
  }
  return image;
}

void expect_drawn(int width, int height, const GifPart& part, const Bytes& palette, int background = 0) {
  const auto image = decode_image(gif_of(width, height, {part}, palette, background));
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(*image, drawn(std::max(width, part.x + part.width), std::max(height, part.y + part.height), part, palette));
}

TEST(DecodeGif, EveryWidthOfItsCodes) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    for (const bool deferred : {false, true}) {
      SCOPED_TRACE(bits);
      const int count = 1 << bits;
      expect_drawn(50, 30, {0, 0, 50, 30, noise(1500, count), bits, {}, false, -1, deferred}, colours(count));
    }
  }
  expect_drawn(9, 9, {0, 0, 9, 9, std::vector<int>(81), 2}, colours(2));  // one colour of two
}

// A table that is full is kept until a clear code comes, which may be never.
TEST(DecodeGif, AFullTableStaysAsItIs) {
  GifPart part{0, 0, 128, 128, noise(16384, 200), 8};
  part.deferred = true;
  expect_drawn(128, 128, part, colours(256));
}

TEST(DecodeGif, TheFrameLiesOnAWhiteScreen) {
  for (const int background : {0, 1, 99}) {
    expect_drawn(20, 15, {4, 3, 10, 8, noise(80, 16)}, colours(16), background);
    expect_drawn(20, 15, {0, 0, 20, 15, noise(300, 16), 4, {}, false, 3}, colours(16), background);
  }
  expect_drawn(20, 15, {4, 3, 10, 8, noise(80, 16), 4, {}, false, 200}, colours(16));  // a colour there is not
}

// In browsers it grows, and so it does here.
TEST(DecodeGif, AFrameBeyondItsScreen) {
  expect_drawn(20, 15, {14, 10, 10, 8, noise(80, 16)}, colours(16));
  expect_drawn(5, 5, {8, 8, 10, 8, noise(80, 16)}, colours(16));
  expect_drawn(0, 0, {0, 0, 10, 8, noise(80, 16)}, colours(16));
}

TEST(DecodeGif, APaletteOfItsOwnAndNone) {
  const GifPart plain{0, 0, 10, 8, noise(80, 16)};
  GifPart local = plain;
  local.palette = colours(16, 7);
  for (const Bytes& other : {colours(16), Bytes{}}) {
    const auto image = decode_image(gif_of(10, 8, {local}, other));
    ASSERT_TRUE(image);
    EXPECT_EQ(*image, drawn(10, 8, plain, local.palette));
  }
  expect_drawn(10, 8, plain, colours(4));  // colours past its end
  expect_drawn(10, 8, plain, {});
}

TEST(DecodeGif, InterlacedRows) {
  for (const int height : {1, 2, 3, 5, 8, 17}) {
    GifPart part{0, 0, 3, height, noise(3 * height, 16)};
    const Image wanted = drawn(3, height, part, colours(16));
    std::vector<int> stored;
    for (const auto& [first, step] : {std::pair{0, 8}, std::pair{4, 8}, std::pair{2, 4}, std::pair{1, 2}}) {
      for (int y = first; y < height; y += step)
        stored.insert(stored.end(), part.pixels.begin() + 3 * y, part.pixels.begin() + 3 * y + 3);
    }
    part.pixels = stored;
    part.interlaced = true;
    EXPECT_EQ(*decode_image(gif_of(3, height, {part}, colours(16))), wanted) << height;
  }
}

TEST(DecodeGif, TheFirstOfSeveralFrames) {
  const GifPart first{0, 0, 10, 8, noise(80, 16)};
  const GifPart second{2, 2, 4, 4, noise(16, 16), 4, {}, false, 3};
  EXPECT_EQ(*decode_image(gif_of(10, 8, {first, second}, colours(16))), drawn(10, 8, first, colours(16)));
}

TEST(DecodeGif, WhatFollowsThePixelsIsNotLookedAt) {
  const GifPart part{0, 0, 20, 15, noise(300, 16)};
  const Bytes gif = gif_of(20, 15, {part}, colours(16));
  for (std::size_t gone = 0; gone <= 2; ++gone)
    EXPECT_EQ(*decode_image(std::span(gif).first(gif.size() - gone)), drawn(20, 15, part, colours(16)));
  for (std::size_t gone = 6; gone < gif.size(); ++gone)
    EXPECT_REFUSED(decode_image(std::span(gif).first(gif.size() - gone)),
                   gone + 6 < gif.size() ? "cut short" : "picture");
  GifPart few = part;
  few.pixels.resize(299);
  EXPECT_REFUSED(decode_image(gif_of(20, 15, {few}, colours(16))), "damaged");
  GifPart many = part;
  many.pixels.resize(400);
  EXPECT_EQ(*decode_image(gif_of(20, 15, {many}, colours(16))), drawn(20, 15, part, colours(16)));
}

// 813 bytes once held a frame of the page for 21 seconds.
TEST(DecodeGif, AnEmptyScreenIsNotPaidFor) {
  const GifPart part{0, 0, 10, 10, noise(100, 16)};
  const bool reads = base::kMostPixels >= 49'000'000;  // fewer where addresses have 32 bits: refused for that
  EXPECT_REFUSED(decode_image(gif_of(7000, 7000, {part}, colours(16))),
                 reads ? "10 x 10 pixels on an empty screen of 7,000 x 7,000" : "too large");
  EXPECT_REFUSED(decode_image(gif_of(65535, 65535, {part}, colours(16))), "too large");
  EXPECT_TRUE(decode_image(gif_of(2000, 1000, {part}, colours(16))));
  // Nor is a frame whose pixels cannot be there.
  EXPECT_REFUSED(decode_image(gif_of(7000, 7000, {{0, 0, 7000, 7000, noise(100, 16)}}, colours(16))),
                 reads ? "damaged" : "too large");
}

TEST(DecodeGif, RefusesDamage) {
  const Bytes plain = gif_of(20, 15, {{0, 0, 20, 15, noise(300, 16)}}, colours(16));
  const auto with = [&](std::size_t at, int value) {
    Bytes gif = plain;
    gif[at] = static_cast<std::byte>(value);
    return decode_image(gif);
  };
  const std::size_t frame = 13 + 48;
  EXPECT_REFUSED(with(frame, '?'), "damaged");
  EXPECT_REFUSED(with(frame, ';'), "holds no picture");
  EXPECT_REFUSED(with(frame + 5, 0), "no pixels");
  EXPECT_REFUSED(with(frame + 10, 0), "damaged");
  EXPECT_REFUSED(with(frame + 10, 9), "damaged");
  // The first code after a clear one stands for one pixel.
  EXPECT_REFUSED(with(frame + 12, 0x50 | 0x0F), "damaged");
}

}  // namespace
}  // namespace weightroom::io
