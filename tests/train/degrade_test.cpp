#include "train/degrade.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "train/recipe_file.h"

namespace weightroom::train {
namespace {

constexpr Extents kExtents{3, 9, 12};
const nn::Preprocessing kMeasured{.mean = {0.4F, 0.5F, 0.6F}, .std = {0.2F, 0.25F, 0.3F}};

std::vector<float> noise(const Extents& extents, std::uint64_t seed) {
  base::Rng rng(seed, "noise");
  std::vector<float> picture(extents.size());
  for (float& value : picture) value = static_cast<float>(rng.uniform(-2.0, 2.0));
  return picture;
}

std::vector<float> degraded(const DegradeOptions& options, std::vector<float> picture, std::uint64_t index,
                            const Extents& extents = kExtents) {
  base::Rng rng(3, "degrade", index);
  degrade(options, extents, kMeasured, rng, picture);
  return picture;
}

// The definition: every pixel the weighted mean of all within three standard deviations, in double and with libm.
std::vector<double> blurred(const std::vector<float>& picture, const Extents& e, double sigma) {
  const int reach = static_cast<int>(std::ceil(3.0 * sigma));
  const auto value = [&](int c, int y, int x) {
    const auto fold = [](int i, int n) {
      while (n > 1 && (i < 0 || i >= n)) i = i < 0 ? -i : 2 * (n - 1) - i;
      return n > 1 ? i : 0;
    };
    return static_cast<double>(picture[static_cast<std::size_t>((c * e.height + fold(y, e.height)) * e.width) +
                                       static_cast<std::size_t>(fold(x, e.width))]);
  };
  std::vector<double> out;
  for (int c = 0; c < e.channels; ++c) {
    for (int y = 0; y < e.height; ++y) {
      for (int x = 0; x < e.width; ++x) {
        double sum = 0.0;
        double weights = 0.0;
        for (int dy = -reach; dy <= reach; ++dy) {
          for (int dx = -reach; dx <= reach; ++dx) {
            const double weight = std::exp(-(dy * dy + dx * dx) / (2.0 * sigma * sigma));
            sum += weight * value(c, y + dy, x + dx);
            weights += weight;
          }
        }
        out.push_back(sum / weights);
      }
    }
  }
  return out;
}

TEST(Degrade, OffChangesNothing) {
  const auto picture = noise(kExtents, 1);
  EXPECT_FALSE(DegradeOptions{}.any());
  EXPECT_EQ(degraded({}, picture, 0), picture);
  EXPECT_FALSE((DegradeOptions{.blur_probability = 1.0}).any()) << "by no pixel";
  EXPECT_EQ(degraded({.blur_probability = 1.0}, picture, 0), picture);
}

TEST(Degrade, GreyIsTheWeightedSumOfTheColours) {
  const auto picture = noise(kExtents, 2);
  const auto out = degraded({.grey = 1.0}, picture, 0);
  const std::size_t plane = kExtents.size() / 3;
  const auto colour = [&](const std::vector<float>& of, std::size_t c, std::size_t i) {
    return static_cast<double>(of[c * plane + i]) * static_cast<double>(kMeasured.std[c]) +
           static_cast<double>(kMeasured.mean[c]);
  };
  for (std::size_t i = 0; i < plane; ++i) {
    const double grey = 0.299 * colour(picture, 0, i) + 0.587 * colour(picture, 1, i) + 0.114 * colour(picture, 2, i);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(colour(out, c, i), grey, 1e-6);
  }
  // A picture of one channel has no colours to lose.
  const Extents one{1, 4, 4};
  EXPECT_EQ(degraded({.grey = 1.0}, noise(one, 3), 0, one), noise(one, 3));
}

TEST(Degrade, BlurIsAGaussianOfADrawnWidth) {
  for (const Extents extents : {kExtents, Extents{1, 1, 5}, Extents{2, 3, 2}}) {
    for (std::uint64_t index = 0; index < 6; ++index) {
      const auto picture = noise(extents, 10 + index);
      base::Rng rng(3, "degrade", index);
      (void)rng.uniform(0.0, 1.0);  // whether at all
      const double sigma = rng.uniform(0.0, 1.5);
      const auto out = degraded({.blur_probability = 1.0, .blur = 1.5}, picture, index, extents);
      if (sigma <= 0.2) {
        EXPECT_EQ(out, picture);
        continue;
      }
      const auto wanted = blurred(picture, extents, sigma);
      for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], wanted[i], 2e-6) << sigma;
    }
  }
}

TEST(Degrade, ChangesTheShareItIsAskedTo) {
  const auto picture = noise(kExtents, 4);
  int grey = 0;
  int blurry = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    grey += static_cast<int>(degraded({.grey = 0.25}, picture, i) != picture);
    blurry += static_cast<int>(degraded({.blur_probability = 0.5, .blur = 10.0}, picture, i) != picture);
  }
  EXPECT_NEAR(grey, 100, 30);
  EXPECT_NEAR(blurry, 196, 40);  // of the half, a fiftieth by too little to be seen
}

TEST(Degrade, ARecipeNamesItWhereItIsUsed) {
  RecipeFile file = *parse_recipe(R"({"net":"fc","grey":0.2,"blur_probability":0.5,"blur":1.5})");
  EXPECT_EQ(file.recipe.degrade.grey, 0.2);
  EXPECT_EQ(recipe_json(file)["blur"], 1.5);
  file.recipe.degrade = {};
  for (const char* field : {"grey", "blur_probability", "blur", "others_zoom"})
    EXPECT_FALSE(recipe_json(file).contains(field)) << field;
  file.recipe.degrade.grey = 1.5;
  EXPECT_EQ(check(file).error().message(), "The recipe's 'grey' is 1.5; it must be from 0 to 1.");
}

}  // namespace
}  // namespace weightroom::train
