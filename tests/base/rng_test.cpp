#include "base/rng.h"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace weightroom::base {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Known answers from the authors' Random123, file kat_vectors.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // Digits of pi.
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

std::vector<std::uint32_t> draws(Rng rng, int count) {
  std::vector<std::uint32_t> values;
  for (int i = 0; i < count; ++i) values.push_back(rng.next());
  return values;
}

TEST(Rng, SameKeySameDraws) { EXPECT_EQ(draws(Rng(5, "init", 3), 100), draws(Rng(5, "init", 3), 100)); }

TEST(Rng, SeedPurposeAndIndexEachTellStreamsApart) {
  std::set<std::vector<std::uint32_t>> streams;
  for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40}) {
    for (const char* purpose : {"init", "augment", ""}) {
      for (std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40}) {
        streams.insert(draws(Rng(seed, purpose, index), 8));
      }
    }
  }
  EXPECT_EQ(streams.size(), 27U);
}

TEST(Rng, UniformFillsItsRangeEvenly) {
  Rng rng(1, "test");
  constexpr int kCount = 100000;
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < kCount; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.005);
  EXPECT_NEAR(squares / kCount, 1.0 / 3.0, 0.005);
  for (int i = 0; i < 1000; ++i) {
    const double u = rng.uniform(-3.0, 5.0);
    ASSERT_GE(u, -3.0);
    ASSERT_LT(u, 5.0);
  }
}

TEST(Rng, NormalHasItsFirstFourMoments) {
  Rng rng(1, "test");
  constexpr int kCount = 200000;
  std::array<double, 5> moments{};
  for (int i = 0; i < kCount; ++i) {
    double power = 1.0;
    const double z = rng.normal();
    for (double& moment : moments) {
      moment += power / kCount;
      power *= z;
    }
  }
  EXPECT_NEAR(moments[1], 0.0, 0.01);
  EXPECT_NEAR(moments[2], 1.0, 0.02);
  EXPECT_NEAR(moments[3], 0.0, 0.05);
  EXPECT_NEAR(moments[4], 3.0, 0.1);
}

TEST(Rng, BelowGivesEachValueItsShare) {
  Rng rng(1, "test");
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts[rng.below(7)];
  for (int count : counts) EXPECT_NEAR(count, 10000, 400);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.below(1), 0U);
  // 3 * 2^30 leaves a quarter of the words over: without the second draw the lower part would come
  // too often.
  constexpr std::uint32_t kLarge = 3U << 30;
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += rng.below(kLarge) < (1U << 30) ? 1 : 0;
  EXPECT_NEAR(low, 10000, 400);
}

}  // namespace
}  // namespace weightroom::base
