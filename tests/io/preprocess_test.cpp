#include "io/preprocess.h"

#include <tuple>

#include "base/hash.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

// A smooth picture with a little of everything, without any library's functions.
Image wavy(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<std::uint8_t>((x * 7 + y * 3) % 256));
      image.rgb.push_back(static_cast<std::uint8_t>((x * x + y) / 5 % 256));
      image.rgb.push_back(static_cast<std::uint8_t>((x ^ y) % 256));
    }
  }
  return image;
}

TEST(Resize, TheSameSizePassesThrough) {
  const Image image = wavy(64, 64);
  EXPECT_EQ(resize(image, centre_square(image), 64, 64), image);
  const Image wide = wavy(80, 64);
  const Image cut = resize(wide, centre_square(wide), 64, 64);
  EXPECT_EQ(cut.pixel(0, 5)[0], wide.pixel(8, 5)[0]);
  EXPECT_EQ(cut.pixel(63, 63)[2], wide.pixel(71, 63)[2]);
}

TEST(Resize, CentreSquare) {
  EXPECT_EQ(centre_square(Image{10, 4, {}}), (Square{3, 0, 4}));
  EXPECT_EQ(centre_square(Image{4, 11, {}}), (Square{0, 3, 4}));
  EXPECT_EQ(centre_square(Image{1, 1, {}}), (Square{0, 0, 1}));
  // torchvision's Resize(256) and CenterCrop(224) of 640 x 512: of the smaller picture, 320 x 256, the middle 224.
  EXPECT_EQ(centre_square(Image{640, 512, {}}, 224.0F / 256.0F), (Square{96, 32, 448}));
  EXPECT_EQ(centre_square(Image{3, 2, {}}, 0.1F), (Square{1, 0, 1}));
}

TEST(Resize, KeepsAFlatColourAndTheMean) {
  Image flat{100, 70, std::vector<std::uint8_t>(100 * 70 * 3, 137)};
  for (const int size : {1, 7, 64, 69, 71, 200}) {
    const Image small = resize(flat, centre_square(flat), size, size);
    for (const std::uint8_t value : small.rgb) ASSERT_EQ(value, 137) << size;
  }
  // A checkerboard of single pixels becomes grey, where picking pixels would keep black and white.
  Image board{256, 256, {}};
  for (int i = 0; i < 256 * 256; ++i) board.rgb.insert(board.rgb.end(), 3, (i + i / 256) % 2 ? 255 : 0);
  for (const std::uint8_t value : resize(board, centre_square(board), 32, 32).rgb) ASSERT_NEAR(value, 127.5, 4.0);
}

// The bits every build must give (native, Node, browser), recorded on x86-64 with clang 19.
TEST(Resize, TheSameBitsEverywhere) {
  const Image image = wavy(301, 223);
  base::Sha256 hash;
  for (const int size : {28, 64, 224, 300}) {
    const Image out = resize(image, {40, 11, 200}, size, size);
    hash.update(std::as_bytes(std::span(out.rgb)));
  }
  const auto jpeg = decode_image(encode_jpeg(image, 80));
  ASSERT_TRUE(jpeg);
  hash.update(std::as_bytes(std::span(jpeg->rgb)));
  for (const char* name : {"baseline.jpg", "subsampled.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg"}) {
    hash.update(std::as_bytes(std::span(decode_image(testing::golden_picture(name))->rgb)));
  }
  EXPECT_EQ(hash.finish_hex(), "0ebfd0d33e6dbb052c821871609e1446017e0162d03b7e9c49d20f36d068c37c");
}

TEST(Preprocess, AppliesMeanAndStd) {
  const Image image = wavy(4, 4);
  nn::Preprocessing p;
  p.mean = {0.5F, 0.25F, 0.0F};
  p.std = {0.5F, 2.0F, 1.0F};
  const auto out = preprocess(image, p, 3, 4, 4);
  ASSERT_TRUE(out) << testing::message_of(out);
  ASSERT_EQ(out->input.size(), 48U);
  EXPECT_EQ(out->seen, image);
  EXPECT_EQ(out->crop, (Square{0, 0, 4}));
  for (int c = 0; c < 3; ++c) {
    const std::uint8_t value = image.pixel(2, 3)[c];
    const auto index = static_cast<std::size_t>(c);
    EXPECT_EQ(out->input[index * 16 + 14], (static_cast<float>(value) / 255.0F - p.mean[index]) / p.std[index]);
  }
}

TEST(Preprocess, AScaleSaysWhatBlackAndWhiteBecome) {
  const Image image{2, 2, {0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0}};  // the third is red
  for (const auto& [name, black, white] :
       {std::tuple{"0-1", 0.0F, 1.0F}, {"-1-1", -1.0F, 1.0F}, {"0-255", 0.0F, 255.0F}}) {
    for (const bool bgr : {false, true}) {
      nn::Preprocessing p;
      set_scale(p, *find_scale(name));
      set_bgr(p, bgr);
      const auto out = preprocess(image, p, 3, 2, 2);
      ASSERT_TRUE(out) << testing::message_of(out);
      EXPECT_FLOAT_EQ(out->input[0], black) << name;
      EXPECT_FLOAT_EQ(out->input[1], white) << name;
      EXPECT_FLOAT_EQ(out->input[2], bgr ? black : white) << name;
      EXPECT_FLOAT_EQ(out->input[10], bgr ? white : black) << name;
    }
  }
}

TEST(Preprocess, AScaleIsOfColoursWhateverTheirOrder) {
  nn::Preprocessing before;
  set_scale(before, *find_scale("imagenet"));
  set_bgr(before, true);
  nn::Preprocessing after;
  set_bgr(after, true);
  set_scale(after, *find_scale("imagenet"));
  EXPECT_EQ(before, after);
  EXPECT_EQ(after.mean[0], 0.406F) << "the mean of blue";
  EXPECT_EQ(scale_of(after, 3), find_scale("imagenet"));
}

TEST(Preprocess, ReadsTheShareOfThePictureThatTheModelSays) {
  const Image image = wavy(40, 30);
  const auto part = preprocess(image, {.crop = 0.8F}, 3, 24, 24);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->crop, (Square{8, 3, 24}));
  EXPECT_EQ(part->seen.pixel(0, 0)[1], image.pixel(8, 3)[1]);
  EXPECT_EQ(part->seen.pixel(23, 23)[1], image.pixel(31, 26)[1]);
  const auto chosen = preprocess(image, {.crop = 0.8F}, 3, 24, 24, {.crop = Square{0, 0, 24}});
  EXPECT_EQ(chosen->crop, (Square{0, 0, 24})) << "what a person chose goes before it";
}

TEST(Preprocess, GreyRoundsToNearest) {
  EXPECT_EQ(grey(255, 255, 255), 255);
  EXPECT_EQ(grey(0, 0, 0), 0);
  EXPECT_EQ(grey(255, 0, 0), 76);   // 76.245
  EXPECT_EQ(grey(0, 255, 0), 150);  // 149.685
  EXPECT_EQ(grey(0, 0, 255), 29);   // 29.07
  for (int value = 0; value < 256; ++value) {
    const auto v = static_cast<std::uint8_t>(value);
    ASSERT_EQ(grey(v, v, v), v);
  }
}

TEST(Preprocess, InvertsPicturesFromOutsideOnly) {
  Image image{2, 2, {0, 0, 0, 255, 255, 255, 10, 10, 10, 20, 20, 20}};
  nn::Preprocessing p;
  p.invert = true;
  const auto outside = preprocess(image, p, 1, 2, 2);
  ASSERT_TRUE(outside);
  EXPECT_EQ(outside->seen.rgb, (std::vector<std::uint8_t>{255, 255, 255, 0, 0, 0, 245, 245, 245, 235, 235, 235}));
  EXPECT_EQ(outside->input[0], 1.0F);
  const auto sample = preprocess(image, p, 1, 2, 2, {.crop = {}, .sample = true});
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->seen, image);
}

TEST(Preprocess, RefusesWhatDoesNotFit) {
  const Image image = wavy(8, 6);
  EXPECT_REFUSED(preprocess(image, {}, 4, 8, 8), "4 channels");
  for (const Square crop : {Square{0, 0, 7}, Square{-1, 0, 4}, Square{5, 0, 4}, Square{0, 3, 4}, Square{0, 0, 0},
                            Square{2147483647, 0, 2}}) {
    EXPECT_REFUSED(preprocess(image, {}, 3, 8, 8, {.crop = crop}), "crop");
  }
  EXPECT_TRUE(preprocess(image, {}, 3, 8, 8, {.crop = Square{4, 2, 4}}));
  EXPECT_REFUSED(preprocess(Image{}, {}, 3, 8, 8), "no pixels");
}

}  // namespace
}  // namespace weightroom::io
