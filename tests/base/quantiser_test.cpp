#include "base/quantiser.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::base {
namespace {

TEST(Quantiser, RoundsToTheEvenOfTwo) {
  const std::vector<float> values{-1.27F, 1.27F};
  const Quantiser eight(values, 8, false);
  EXPECT_FLOAT_EQ(eight.scale(), 0.01F);
  EXPECT_EQ(eight.highest(), 127);
  EXPECT_EQ(eight.lowest(), -127);
  EXPECT_EQ(eight.code(1.27F), 127);
  EXPECT_EQ(eight.code(-9.0F), -127);
  EXPECT_EQ(eight.code(0.0F), 0);
  const Quantiser whole(std::vector<float>{-3.0F, 3.0F}, 3, false);  // scale 1: codes -3 .. 3
  EXPECT_EQ(whole.scale(), 1.0F);
  for (const auto& [value, code] : {std::pair{0.5F, 0}, {1.5F, 2}, {2.5F, 2}, {-0.5F, 0}, {-1.5F, -2}, {0.51F, 1}})
    EXPECT_EQ(whole.code(value), code) << value;
}

TEST(Quantiser, AffineHoldsZeroExactly) {
  const Quantiser four(std::vector<float>{-0.5F, 1.0F}, 4, true);  // 15 steps of 0.1: zero at 5
  EXPECT_FLOAT_EQ(four.scale(), 0.1F);
  EXPECT_EQ(four.zero(), 5);
  EXPECT_EQ(four.nearest(0.0F), 0.0F);
  EXPECT_EQ(four.code(-0.5F), 0);
  EXPECT_EQ(four.code(1.0F), 15);
  // All on one side: the range takes in zero.
  const Quantiser positive(std::vector<float>{0.6F, 1.5F}, 4, true);
  EXPECT_EQ(positive.zero(), 0);
  EXPECT_FLOAT_EQ(positive.scale(), 0.1F);
  const Quantiser negative(std::vector<float>{-1.5F, -0.6F}, 4, true);
  EXPECT_EQ(negative.zero(), 15);
}

TEST(Quantiser, OfOneBitAndOfNothing) {
  const Quantiser signs(std::vector<float>{-1.0F, 3.0F, 2.0F}, 1, false);
  EXPECT_EQ(signs.scale(), 2.0F);
  EXPECT_EQ(signs.nearest(-0.1F), -2.0F);
  EXPECT_EQ(signs.nearest(0.0F), 2.0F);
  for (const bool affine : {false, true}) {
    const Quantiser zero(std::vector<float>(3, 0.0F), 8, affine);
    EXPECT_EQ(zero.nearest(0.0F), 0.0F);
    const Quantiser none(std::span<const float>{}, 1, affine);
    EXPECT_EQ(none.nearest(0.0F), 0.0F);
  }
}

// What quantising leaves is known again, whatever was pruned from it since.
TEST(Quantiser, IsFoundAgainFromItsValues) {
  Rng rng(1, "values");
  for (int round = 0; round < 300; ++round) {
    const int bits = 1 + static_cast<int>(rng.below(8));
    const bool affine = rng.below(2) == 0;
    std::vector<float> values(2 + rng.below(200));
    for (float& v : values) v = static_cast<float>(rng.normal() * std::exp(3.0 * rng.normal()));
    const Quantiser made(values, bits, affine);
    for (float& v : values) v = made.nearest(v);
    if (bits > 1 || affine) {
      const float limit = std::abs(values[0]) * 0.5F;
      for (float& v : values) v = std::abs(v) < limit ? 0.0F : v;
    }
    const auto found = quantiser_of(values, bits, affine);
    ASSERT_TRUE(found.has_value()) << round << ": " << bits << (affine ? " affine" : "");
    for (const float v : values) EXPECT_EQ(found->nearest(v), v);
  }
  std::vector<float> free(50);
  for (float& v : free) v = static_cast<float>(rng.normal());
  for (int bits = 1; bits <= 8; ++bits) EXPECT_FALSE(quantiser_of(free, bits, bits % 2 == 0).has_value());
}

}  // namespace
}  // namespace weightroom::base
