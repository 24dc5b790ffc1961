#include <array>

#include "io/image.h"
#include "io/jpeg_testing.h"
#include "io/picture_decode.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::expect_near;
using testing::flat_jpeg;
using testing::FlatChannel;
using testing::FlatJpeg;
using testing::golden_picture;

TEST(DecodeJpeg, BaselineSubsampledProgressive) {
  for (const char* name : {"baseline.jpg", "subsampled.jpg", "progressive.jpg"}) {
    const auto image = decode_image(golden_picture(name));
    ASSERT_TRUE(image) << name << ": " << testing::message_of(image);
    testing::expect_quadrants(*image, 6);
  }
}

TEST(DecodeJpeg, GreyBecomesThreeEqualChannels) {
  const auto image = decode_image(golden_picture("grey.jpg"));
  ASSERT_TRUE(image) << testing::message_of(image);
  expect_near(*image, 3, 3, 76, 76, 76, 1);
  expect_near(*image, 12, 12, 226, 226, 226, 1);
}

TEST(DecodeJpeg, CmykAndYcck) {
  Bytes cmyk = golden_picture("cmyk.jpg");
  const auto image = decode_image(cmyk);
  ASSERT_TRUE(image) << testing::message_of(image);
  testing::expect_quadrants(*image, 2);

  // The same bytes declared as YCCK; what Pillow (libjpeg-turbo) makes of them.
  const std::size_t at = testing::text_of(cmyk).find("Adobe");
  Bytes ycck = cmyk;
  ycck[at + 11] = std::byte{2};
  const auto other = decode_image(ycck);
  ASSERT_TRUE(other);
  expect_near(*other, 3, 3, 179, 0, 227, 2);
  expect_near(*other, 12, 3, 255, 207, 30, 2);
  expect_near(*other, 3, 12, 77, 255, 255, 2);

  // Without Adobe's marker (its letters spoilt) four channels are still CMYK.
  cmyk[at] = std::byte{'B'};
  const auto plain = decode_image(cmyk);
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, *image);
}

TEST(DecodeJpeg, TurnsAsExifSays) {
  const Image stored = testing::blocks();
  const Bytes jpeg = encode_jpeg(stored, 95);
  const auto upright = decode_image(jpeg);
  ASSERT_TRUE(upright);
  const int right = stored.width - 1;
  const int bottom = stored.height - 1;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool little : {true, false}) {
      const auto shown = decode_image(testing::with_orientation(jpeg, orientation, little));
      ASSERT_TRUE(shown) << testing::message_of(shown);
      ASSERT_EQ(shown->width, orientation < 5 ? 32 : 48);
      ASSERT_EQ(shown->height, orientation < 5 ? 48 : 32);
      for (int y = 0; y <= bottom; ++y) {
        for (int x = 0; x <= right; ++x) {
          // Where EXIF 2.32 (tag 0x0112) puts the stored pixel (x,y): "row 0 is the visual top, column 0 the visual
          // left"...
          const std::array<std::array<int, 2>, 9> place{{{},
                                                         {x, y},
                                                         {right - x, y},
                                                         {right - x, bottom - y},
                                                         {x, bottom - y},
                                                         {y, x},
                                                         {bottom - y, x},
                                                         {bottom - y, right - x},
                                                         {y, right - x}}};
          const auto [to_x, to_y] = place[static_cast<std::size_t>(orientation)];
          const std::uint8_t* a = upright->pixel(x, y);
          const std::uint8_t* b = shown->pixel(to_x, to_y);
          ASSERT_TRUE(a[0] == b[0] && a[1] == b[1] && a[2] == b[2])
              << "orientation " << orientation << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(DecodeJpeg, ADamagedExifBlockTurnsNothing) {
  const Bytes jpeg = encode_jpeg(testing::blocks(), 90);
  const auto upright = decode_image(jpeg);
  for (const int orientation : {0, 9, 65535}) {
    const auto shown = decode_image(testing::with_orientation(jpeg, orientation));
    ASSERT_TRUE(shown);
    EXPECT_EQ(*shown, *upright);
  }
  const Bytes whole = testing::with_orientation(jpeg, 6);
  // Its directory moved, its count of rows raised, its type changed, its block cut: never a fault, never a turn.
  for (const auto& [at, value] :
       {std::pair{16U, 0xFFU}, std::pair{17U, 0xFFU}, std::pair{19U, 0xFFU}, std::pair{36U, 4U}}) {
    Bytes bad = whole;
    bad[at] = static_cast<std::byte>(value);
    EXPECT_TRUE(decode_image(bad)) << at;
  }
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes tiff = Bytes(whole.begin() + 12, whole.begin() + 12 + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(tiff), size >= 34 ? 6 : 1) << size;
  }
}

int checks(int column, int row) { return 40 + 30 * (column % 5) + 20 * (row % 4); }
int blue(int column, int row) { return 110 + 40 * (column % 2) - 20 * (row % 3); }
int red(int column, int row) { return 150 - 20 * (column % 3) + 10 * (row % 4); }

// ITU-R BT.601 as JFIF says.
std::array<double, 3> rgb_of(double y, double b, double r) {
  return {y + 1.402 * (r - 128), y - 0.344136 * (b - 128) - 0.714136 * (r - 128), y + 1.772 * (b - 128)};
}

struct Sampling {
  const char* name;
  std::array<std::array<int, 2>, 3> channels;
};

// In the middle of a block of every channel neither upsampling nor rounding has a say: the values are those that were
// written.
TEST(DecodeJpeg, EverySamplingOfItsChannels) {
  for (const Sampling& sampling :
       {Sampling{"4:4:4", {{{1, 1}, {1, 1}, {1, 1}}}}, Sampling{"4:2:2", {{{2, 1}, {1, 1}, {1, 1}}}},
        Sampling{"4:2:0", {{{2, 2}, {1, 1}, {1, 1}}}}, Sampling{"4:4:0", {{{1, 2}, {1, 1}, {1, 1}}}},
        Sampling{"4:1:1", {{{4, 1}, {1, 1}, {1, 1}}}}, Sampling{"4:1:0", {{{4, 2}, {1, 1}, {1, 1}}}},
        Sampling{"mixed", {{{2, 2}, {2, 1}, {1, 2}}}}, Sampling{"finer blue", {{{1, 1}, {2, 2}, {1, 1}}}}}) {
    for (const int restart : {0, 1, 3}) {
      for (const bool interleaved : {true, false}) {
        SCOPED_TRACE(sampling.name);
        FlatJpeg jpeg{.width = 37, .height = 29, .channels = {}, .restart = restart, .interleaved = interleaved};
        int across = 1;
        int down = 1;
        for (std::size_t c = 0; c < 3; ++c) {
          const auto [h, v] = sampling.channels[c];
          jpeg.channels.push_back({h, v, static_cast<unsigned>(c) + 1, std::array{checks, blue, red}[c]});
          across = std::max(across, h);
          down = std::max(down, v);
        }
        const auto image = decode_image(flat_jpeg(jpeg));
        ASSERT_TRUE(image) << testing::message_of(image);
        ASSERT_EQ(image->width, 37);
        ASSERT_EQ(image->height, 29);
        int tried = 0;
        for (int y = 0; y < 29; ++y) {
          for (int x = 0; x < 37; ++x) {
            std::array<double, 3> values{};
            bool inside = true;
            for (std::size_t c = 0; c < 3; ++c) {
              const FlatChannel& channel = jpeg.channels[c];
              const int wide = 8 * across / channel.across;
              const int high = 8 * down / channel.down;
              values[c] = channel.value(x / wide, y / high);
              inside = inside && x % wide >= wide / 8 && x % wide < wide - wide / 8 && y % high >= high / 8 &&
                       y % high < high - high / 8;
            }
            if (!inside) continue;
            const auto rgb = rgb_of(values[0], values[1], values[2]);
            for (std::size_t c = 0; c < 3; ++c) {
              ASSERT_NEAR(image->pixel(x, y)[c], std::clamp(rgb[c], 0.0, 255.0), 1.5) << x << "," << y << "," << c;
            }
            ++tried;
          }
        }
        EXPECT_GT(tried, 200);
      }
    }
  }
}

// As libjpeg: three parts of the nearer value, one of the other. stb_image 2.27 turns them round in the last but one
// column.
TEST(DecodeJpeg, HalfTheColumnsAreSpreadEvenlyToTheLast) {
  FlatJpeg jpeg{.width = 18,
                .height = 8,
                .channels = {{2, 1, 1}, {1, 1, 2}, {1, 1, 3, [](int column, int) { return 128 + 60 * (column % 2); }}}};
  const auto image = decode_image(flat_jpeg(jpeg));
  ASSERT_TRUE(image);
  // Columns 0 to 15 are of the first block, 16 and 17 of the second one.
  for (const auto& [x, value] :
       {std::pair{14, 128.0}, std::pair{15, 143.0}, std::pair{16, 173.0}, std::pair{17, 188.0}})
    EXPECT_NEAR(image->pixel(x, 4)[0], 128 + 1.402 * (value - 128), 1.5) << x;
}

TEST(DecodeJpeg, GreyWhateverItsSampling) {
  for (const auto& [across, down] : {std::pair{1, 1}, std::pair{2, 2}, std::pair{1, 2}}) {
    const auto image = decode_image(flat_jpeg({.width = 20, .height = 12, .channels = {{across, down, 1, checks}}}));
    ASSERT_TRUE(image) << testing::message_of(image);
    for (const auto& [x, y] : {std::pair{4, 4}, std::pair{12, 4}, std::pair{18, 10}}) {
      const int value = checks(x / 8, y / 8);
      expect_near(*image, x, y, value, value, value, 0);
    }
  }
}

std::vector<FlatChannel> three(unsigned first = 1, unsigned second = 2, unsigned third = 3) {
  return {{1, 1, first, checks}, {1, 1, second, blue}, {1, 1, third, red}};
}

// The frames of a film leave the Huffman tables out: they are those of annex K.
TEST(DecodeJpeg, WithoutHuffmanTablesTheStandardOnesCount) {
  const auto whole = decode_image(flat_jpeg({.channels = three()}));
  const auto bare = decode_image(flat_jpeg({.channels = three(), .codes = false}));
  ASSERT_TRUE(bare) << testing::message_of(bare);
  EXPECT_EQ(*bare, *whole);
  // With other numbers than 0 and 1 there is none to fall back on.
  Bytes third = flat_jpeg({.channels = three(), .codes = false});
  third[testing::text_of(third).find("\xFF\xDA") + 6] = std::byte{0x22};
  EXPECT_REFUSED(decode_image(third), "damaged");
  EXPECT_REFUSED(decode_image(flat_jpeg({.channels = three(), .quantisers = false})), "damaged");
}

TEST(DecodeJpeg, WhatFollowsAWholePictureIsNotLookedAt) {
  const Bytes films[]{bytes_from({}),
                      bytes_from({0xFF}),
                      bytes_from({0, 0, 0, 0}),
                      bytes_from({1, 2, 0xFF, 0xD8, 3}),
                      bytes_from({0xFF, 0x01, 9}),
                      bytes_from({0xFF, 0xE1, 0xFF, 0xFF, 5})};
  for (const bool interleaved : {true, false}) {
    const Bytes jpeg = flat_jpeg({.width = 37, .height = 29, .channels = three(), .interleaved = interleaved});
    const auto whole = decode_image(jpeg);
    ASSERT_TRUE(whole);
    for (const bool ended : {true, false}) {
      for (const Bytes& after : films) {
        Bytes file(jpeg.begin(), jpeg.end() - (ended ? 0 : 2));
        file.insert(file.end(), after.begin(), after.end());
        const auto image = decode_image(file);
        ASSERT_TRUE(image) << ended << after.size() << interleaved << testing::message_of(image);
        EXPECT_EQ(*image, *whole);
      }
    }
  }
  for (const char* name : {"baseline.jpg", "subsampled.jpg", "progressive.jpg", "grey.jpg"}) {
    const Bytes jpeg = golden_picture(name);
    const auto image = decode_image(std::span(jpeg).first(jpeg.size() - 2));
    ASSERT_TRUE(image) << name << testing::message_of(image);
    EXPECT_EQ(*image, *decode_image(jpeg));
  }
}

// A picture that breaks off within its pixels is no whole one, whatever follows.
TEST(DecodeJpeg, WithoutAnEndItMustBeWhole) {
  for (const int restart : {0, 2}) {
    const Bytes jpeg = flat_jpeg({.width = 64, .height = 64, .channels = three(), .restart = restart});
    for (std::size_t gone = 4; gone < 60; ++gone) {
      SCOPED_TRACE(gone);
      EXPECT_REFUSED(decode_image(std::span(jpeg).first(jpeg.size() - gone)), "cut short");
    }
  }
  const Bytes apart = flat_jpeg({.channels = three(), .interleaved = false});
  const std::size_t last = testing::text_of(apart).rfind("\xFF\xDA");
  EXPECT_REFUSED(decode_image(std::span(apart).first(last)), "cut short");
  const Bytes progressive = golden_picture("progressive.jpg");
  EXPECT_REFUSED(decode_image(std::span(progressive).first(testing::text_of(progressive).rfind("\xFF\xDA"))),
                 "cut short");
}

// libjpeg's rule, which browsers follow: JFIF is always luminance and colour differences; else Adobe's marker says;
// else channels called R, G and B are that.
TEST(DecodeJpeg, WhichColoursItsChannelsAre) {
  const Bytes jfif = bytes_from({0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0});
  const auto adobe = [](int transform) {
    return bytes_from({0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform});
  };
  const auto both = [](Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  struct Row {
    Bytes segments;
    bool named;
    bool rgb;
  };
  for (const Row& row : {Row{{}, false, false}, Row{{}, true, true}, Row{jfif, true, false}, Row{jfif, false, false},
                         Row{adobe(0), false, true}, Row{adobe(1), false, false}, Row{adobe(1), true, false},
                         Row{both(jfif, adobe(0)), false, false}, Row{adobe(0), true, true}}) {
    for (const bool interleaved : {true, false}) {
      const auto image = decode_image(flat_jpeg({.channels = row.named ? three('R', 'G', 'B') : three(),
                                                 .interleaved = interleaved,
                                                 .segments = row.segments}));
      ASSERT_TRUE(image) << testing::message_of(image);
      const std::array<double, 3> plain{40, 110, 150};
      const auto wanted = row.rgb ? plain : rgb_of(40, 110, 150);
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(image->pixel(4, 4)[c], wanted[c], 1.5);
    }
  }
}

TEST(DecodeJpeg, KindsThatAreNotReadAreNamed) {
  const Bytes plain = flat_jpeg({.channels = three()});
  const std::size_t frame = testing::text_of(plain).find("\xFF\xC0");
  const auto with = [&](std::size_t at, int value) {
    Bytes jpeg = plain;
    jpeg[frame + at] = static_cast<std::byte>(value);
    return decode_image(jpeg);
  };
  EXPECT_TRUE(with(1, 0xC1)) << "extended, of 8 bits";
  for (const int marker : {0xC9, 0xCA, 0xCB, 0xCD, 0xCF}) EXPECT_REFUSED(with(1, marker), "arithmetic");
  for (const int marker : {0xC3, 0xC5, 0xC6, 0xC7, 0xF7}) EXPECT_REFUSED(with(1, marker), "lossless");
  EXPECT_REFUSED(with(4, 12), "12 bits");
  EXPECT_REFUSED(with(11, 0x51), "damaged");
  EXPECT_REFUSED(decode_image(flat_jpeg({.channels = {{1, 1, 1}, {1, 1, 2}}})), "2 channels");
  EXPECT_REFUSED(decode_image(flat_jpeg({.channels = {{3, 1, 1}, {2, 1, 2}, {1, 1, 3}}})), "sampled");
}

}  // namespace
}  // namespace weightroom::io
