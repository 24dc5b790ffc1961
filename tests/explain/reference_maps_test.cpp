#include "explain/reference_maps.h"

#include <cmath>

#include <gtest/gtest.h>

#include "explain/scores.h"

namespace weightroom::explain {
namespace {

TEST(EdgeMap, IsSobels) {
  // A step of 1 down the middle, in both channels.
  const nn::Shape shape{2, 6, 6};
  std::vector<float> upright(shape.size());
  std::vector<float> lying(shape.size());
  for (std::size_t i = 0; i < upright.size(); ++i) {
    upright[i] = i % 6 >= 3 ? 1.0F : 0.0F;
    lying[i] = i % 36 / 6 >= 3 ? 1.0F : 0.0F;
  }
  const auto across = edge_map(upright, shape);
  const auto down = edge_map(lying, shape);
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 6; ++x) {
      EXPECT_EQ(across[y * 6 + x], x == 2 || x == 3 ? 4.0F : 0.0F);
      EXPECT_EQ(down[x * 6 + y], across[y * 6 + x]);
    }
  }
  // A slope of a along the rows and b along the columns has the length 8 sqrt(a^2 + b^2) away from the border.
  std::vector<float> slope(36);
  for (std::size_t i = 0; i < slope.size(); ++i)
    slope[i] = 0.3F * static_cast<float>(i % 6) - 0.4F * static_cast<float>(i / 6);
  EXPECT_NEAR(edge_map(slope, {1, 6, 6})[14], 4.0F, 1e-5F);
}

TEST(RandomMap, IsNoiseOfItsSeed) {
  const auto map = random_map(40, 30, 7);
  ASSERT_EQ(map.size(), 1200U);
  EXPECT_EQ(map, random_map(40, 30, 7));
  const auto other = random_map(40, 30, 8);
  EXPECT_LT(std::fabs(spearman(map, other)), 0.1);
  double sum = 0.0;
  double square = 0.0;
  for (const float v : map) {
    sum += static_cast<double>(v) / 1200.0;
    square += static_cast<double>(v) * static_cast<double>(v) / 1200.0;
  }
  EXPECT_NEAR(sum, 0.0, 0.1);
  EXPECT_NEAR(square, 1.0, 0.15);
}

}  // namespace
}  // namespace weightroom::explain
