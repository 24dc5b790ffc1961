#include "base/whole.h"

#include <limits>

#include <gtest/gtest.h>

namespace weightroom::base {
namespace {

TEST(WholeWithin, CutsOffAndKeepsWithinItsBounds) {
  EXPECT_EQ(whole_within(3.9F, 0, 9), 3);
  EXPECT_EQ(whole_within(-0.5F, -1, 9), 0);
  EXPECT_EQ(whole_within(-7.0F, -1, 9), -1);
  EXPECT_EQ(whole_within(9.0F, 0, 9), 9);
  EXPECT_EQ(whole_within(1e9F, 0, 9), 9);
}

// What no int can hold: the cast alone is undefined there.
TEST(WholeWithin, IsDefinedForEveryFloat) {
  constexpr float kMost = std::numeric_limits<float>::max();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const float high : {kMost, kInfinite}) {
    EXPECT_EQ(whole_within(high, -3, 5), 5);
    EXPECT_EQ(whole_within(-high, -3, 5), -3);
  }
  EXPECT_EQ(whole_within(std::numeric_limits<float>::quiet_NaN(), -3, 5), -3);
}

}  // namespace
}  // namespace weightroom::base
