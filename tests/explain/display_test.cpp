#include "explain/display.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weightroom::explain {
namespace {

using testing::ElementsAre;

TEST(DisplayMap, SumsOverChannelsWithSign) {
  const Attribution attribution{{3, 1, 2}, {1, -2, 4, 8, -16, 1}};
  const DisplayMap map = display_map(attribution, 1, 2);
  EXPECT_THAT(map.values, ElementsAre(-11, 7));
  EXPECT_EQ(map.height, 1);
  EXPECT_EQ(map.width, 2);
  EXPECT_EQ(map.scale, 11.0F);
  EXPECT_FALSE(map.empty());
}

// Rank ceil(0.99 n): of 1..100 the 99th value, of 1..101 the 100th, of one value that one.
TEST(DisplayMap, ScaleIsThe99thPercentileOfTheSizes) {
  for (const auto& [count, expected] :
       {std::pair{100, 99.0F}, std::pair{101, 100.0F}, std::pair{1, 1.0F}, std::pair{200, 198.0F}}) {
    Attribution attribution{{1, 1, count}, {}};
    for (int i = 1; i <= count; ++i) attribution.values.push_back(static_cast<float>(i % 2 == 0 ? i : -i));
    EXPECT_EQ(display_map(attribution, 1, count).scale, expected) << count;
  }
}

// Half-pixel centres, edges clamped: 2 pixels on 4 lie at -0.25 (clamped), 0.25, 0.75, 1.25
// (clamped).
TEST(DisplayMap, EnlargesBilinearly) {
  const DisplayMap map = display_map({{1, 2, 2}, {0, 4, 8, 12}}, 4, 4);
  EXPECT_THAT(map.values, ElementsAre(0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12));
}

TEST(DisplayMap, EnlargesASinglePixelEvenly) {
  EXPECT_THAT(display_map({{1, 1, 1}, {-2.5F}}, 2, 3).values, testing::Each(-2.5F));
}

TEST(DisplayMap, KeepsAMapOfTheRightSize) {
  const Attribution attribution{{1, 2, 3}, {0.1F, -0.2F, 0.3F, -0.4F, 0.5F, -0.6F}};
  EXPECT_EQ(display_map(attribution, 2, 3).values, attribution.values);
}

TEST(DisplayMap, OfZerosIsEmpty) {
  EXPECT_TRUE(display_map({{2, 2, 2}, std::vector<float>(8, 0.0F)}, 2, 2).empty());
  EXPECT_TRUE(display_map({{1, 1, 2}, {1e-13F, -1e-13F}}, 4, 4).empty());
  EXPECT_FALSE(display_map({{1, 1, 2}, {1e-11F, -1e-11F}}, 4, 4).empty());
}

TEST(DisplayMap, TakesWhatOverflowedAsNoEvidence) {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const DisplayMap map = display_map({{1, 1, 4}, {inf, nan, 2.0F, -inf}}, 1, 4);
  EXPECT_THAT(map.values, ElementsAre(0, 0, 2, 0));
  EXPECT_EQ(map.scale, 2.0F);
}

}  // namespace
}  // namespace weightroom::explain
