#include "train/augment.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "train/mix.h"

namespace weightroom::train {
namespace {

const nn::Preprocessing kPlain{};  // value / 255

std::vector<std::uint8_t> ramp(const Extents& extents) {
  std::vector<std::uint8_t> picture(extents.size());
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>((i * 37 + i / 7) % 256);
  return picture;
}

std::vector<float> changed(const Extents& extents, const AugmentOptions& options, std::uint64_t index,
                           const nn::Preprocessing& preprocessing = kPlain) {
  const auto picture = ramp(extents);
  std::vector<float> out(extents.size());
  base::Rng rng(7, "augment", index);
  augment(picture, extents, options, preprocessing, rng, out);
  return out;
}

TEST(Augment, AllOffIsNormalisingToTheBit) {
  const nn::Preprocessing preprocessing{.mean = {0.4F, 0.5F, 0.6F}, .std = {0.2F, 0.25F, 0.3F}};
  for (const Extents extents : {Extents{3, 8, 8}, Extents{1, 7, 5}, Extents{3, 1, 1}}) {
    std::vector<float> plain(extents.size());
    normalise(ramp(extents), extents, preprocessing, plain);
    EXPECT_EQ(changed(extents, {}, 3, preprocessing), plain);
    EXPECT_EQ(plain[0], (0.0F / 255.0F - 0.4F) / 0.2F);
  }
}

TEST(Augment, FlipMirrorsAboutHalfOfThePictures) {
  const Extents extents{2, 4, 6};
  const auto straight = changed(extents, {}, 0);
  auto mirrored = straight;
  for (std::size_t row = 0; row < 8; ++row) {
    std::reverse(mirrored.begin() + static_cast<long>(row * 6), mirrored.begin() + static_cast<long>(row * 6 + 6));
  }
  int flips = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto out = changed(extents, {.flip = true}, i);
    EXPECT_TRUE(out == straight || out == mirrored);
    flips += static_cast<int>(out == mirrored);
  }
  EXPECT_NEAR(flips, 100, 30);
}

TEST(Augment, CropShiftsWithMirroredEdges) {
  const Extents extents{1, 1, 5};
  const std::vector<std::uint8_t> picture{0, 51, 102, 153, 204};
  bool left = false;
  bool right = false;
  for (std::uint64_t i = 0; i < 100; ++i) {
    std::vector<float> out(5);
    base::Rng rng(1, "augment", i);
    augment(picture, extents, {.crop = 2}, kPlain, rng, out);
    left = left || out == std::vector<float>{102 / 255.0F, 51 / 255.0F, 0.0F, 51 / 255.0F, 102 / 255.0F};
    right = right || out == std::vector<float>{102 / 255.0F, 153 / 255.0F, 204 / 255.0F, 153 / 255.0F, 102 / 255.0F};
  }
  EXPECT_TRUE(left);
  EXPECT_TRUE(right);
}

TEST(Augment, ZoomOfAnEvenPictureIsThePicture) {
  const Extents extents{1, 16, 16};
  const std::vector<std::uint8_t> picture(extents.size(), 120);
  for (std::uint64_t i = 0; i < 20; ++i) {
    std::vector<float> out(extents.size());
    base::Rng rng(1, "augment", i);
    augment(picture, extents,
            {.flip = true, .crop = 3, .zoom_min = 0.6, .zoom_max = 1.2, .aspect = 0.2, .rotation = 30}, kPlain, rng,
            out);
    for (const float value : out) EXPECT_NEAR(value, 120 / 255.0, 1e-6);
  }
}

TEST(Augment, BendProbabilityLeavesTheOthersSharp) {
  const Extents extents{1, 16, 16};
  std::vector<std::uint8_t> picture(extents.size());
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = i % 2 == 0 ? 0 : 255;  // a blend of pixels is neither
  int sharp = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    std::vector<float> out(extents.size());
    base::Rng rng(1, "augment", i);
    augment(picture, extents, {.crop = 2, .zoom_min = 0.7, .zoom_max = 0.8, .bend_probability = 0.25}, kPlain, rng,
            out);
    if (std::ranges::all_of(out, [](float value) { return value == 0.0F || value == 1.0F; })) ++sharp;
  }
  EXPECT_NEAR(sharp, 300, 35);  // four standard deviations
}

TEST(Augment, ColoursStayWithinTheRangeOfBytes) {
  const AugmentOptions options{.brightness = 0.9, .contrast = 0.9, .saturation = 0.9, .color = 0.9, .offset = 0.5};
  bool differs = false;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto out = changed({3, 6, 6}, options, i);
    for (const float value : out) EXPECT_TRUE(value >= 0.0F && value <= 1.0F) << value;
    differs = differs || out != changed({3, 6, 6}, {}, i);
  }
  EXPECT_TRUE(differs);
}

TEST(Augment, CutoutPaintsTheMean) {
  const Extents extents{3, 12, 12};
  const nn::Preprocessing preprocessing{.mean = {2.0F, 2.0F, 2.0F}, .std = {1.0F, 1.0F, 1.0F}};
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto out = changed(extents, {.cutout = 4}, i, preprocessing);
    const auto painted = std::ranges::count(out, 0.0F);  // no byte is normalised to 0 with this mean
    EXPECT_GE(painted, 3 * 2 * 2);
    EXPECT_LE(painted, 3 * 4 * 4);
  }
}

TEST(Augment, SameDrawsSamePicture) {
  const AugmentOptions options{.flip = true,
                               .crop = 2,
                               .zoom_min = 0.7,
                               .zoom_max = 1.1,
                               .aspect = 0.1,
                               .rotation = 10,
                               .brightness = 0.2,
                               .contrast = 0.2,
                               .saturation = 0.2,
                               .color = 0.1,
                               .offset = 0.1,
                               .cutout = 3};
  EXPECT_EQ(changed({3, 16, 16}, options, 5), changed({3, 16, 16}, options, 5));
  EXPECT_NE(changed({3, 16, 16}, options, 5), changed({3, 16, 16}, options, 6));
}

TEST(Mix, MixupKeepsMassAndNamesBothLabels) {
  const Extents extents{1, 2, 2};
  std::vector<float> pictures(8 * 4);
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = static_cast<float>(i / 4);  // picture i is all i
  std::vector<Target> targets(8);
  for (int i = 0; i < 8; ++i) targets[static_cast<std::size_t>(i)] = {i, i, 1.0F};
  std::vector<float> scratch(pictures.size());
  base::Rng rng(3, "mix");
  mix({.mixup = 0.4}, extents, rng, pictures, targets, scratch);
  for (std::size_t i = 0; i < 8; ++i) {
    const Target& at = targets[i];
    EXPECT_EQ(at.first, static_cast<int>(i));
    EXPECT_NEAR(pictures[i * 4], at.share * static_cast<float>(i) + (1.0F - at.share) * static_cast<float>(at.second),
                1e-5);
  }
}

TEST(Mix, CutmixSharesByArea) {
  const Extents extents{2, 8, 8};
  for (std::uint64_t k = 0; k < 30; ++k) {
    std::vector<float> pictures(4 * extents.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = static_cast<float>(i / extents.size());
    std::vector<Target> targets{{0, 0, 1.0F}, {1, 1, 1.0F}, {2, 2, 1.0F}, {3, 3, 1.0F}};
    std::vector<float> scratch(pictures.size());
    base::Rng rng(3, "mix", k);
    mix({.cutmix = 1.0}, extents, rng, pictures, targets, scratch);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto own =
          std::ranges::count(std::span(pictures).subspan(i * extents.size(), extents.size()), static_cast<float>(i));
      const float share = targets[i].second == static_cast<int>(i) ? 1.0F : targets[i].share;
      EXPECT_NEAR(static_cast<double>(own) / static_cast<double>(extents.size()), share, 1e-6);
    }
  }
}

TEST(Mix, BetaHasItsMeanAndVariance) {
  for (const double alpha : {0.2, 0.4, 1.0, 2.0}) {
    base::Rng rng(11, "beta");
    double sum = 0.0;
    double squares = 0.0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
      const double x = draw_beta(alpha, rng);
      ASSERT_TRUE(x >= 0.0 && x <= 1.0);
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(sum / kDraws, 0.5, 0.01);
    EXPECT_NEAR(squares / kDraws - 0.25, 1.0 / (4.0 * (2.0 * alpha + 1.0)), 0.006) << alpha;
  }
}

}  // namespace
}  // namespace weightroom::train
