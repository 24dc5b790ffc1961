// Rows of a depthwise layer's output at once, against each row by itself: the same bits.
#include "nn/kernels/strip.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {
namespace {

constexpr int kPitch = 6 * static_cast<int>(kLanes) + 4;  // floats from row to row
constexpr int kMostDown = 11;

struct Case {
  bool upwards;
  bool add;
  bool bias;
  int vectors;
  int across;
  int down;
};

std::vector<float> values(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed, "strip");
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(rng.normal());
  return out;
}

std::vector<float> output(const Case& of, bool row_by_row) {
  static const std::vector<float> frame = values(static_cast<std::size_t>(kPitch) * (kMostDown + 2), 1);
  static const std::vector<float> weights = values(9, 2);
  const float bias = 0.25F;
  std::vector<int> taps;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) taps.push_back(of.upwards ? (2 - i) * kPitch + 2 - j : i * kPitch + j);
  }
  std::vector<float> y = values(static_cast<std::size_t>(kPitch) * kMostDown, 3);
  Strip strip;
  strip.a[0] = weights.data();
  strip.taps = taps.data();
  strip.period = strip.depth = 9;
  strip.bias = of.bias ? &bias : nullptr;
  strip.add_to_c = of.add;
  strip.across = of.across;
  strip.down = row_by_row ? 1 : of.down;
  strip.b_down = strip.c_down = kPitch;
  for (int row = 0; row < (row_by_row ? of.down : 1); ++row) {
    for (std::size_t v = 0; v < static_cast<std::size_t>(of.vectors); ++v) {
      strip.b[v] = frame.data() + static_cast<std::ptrdiff_t>(row) * kPitch + v * kLanes;
      strip.c[v] = y.data() + static_cast<std::ptrdiff_t>(row) * kPitch + v * kLanes;
    }
    run_strip(1, of.vectors, strip);
  }
  return y;
}

TEST(Strip, RowsThatShareTheirInputHaveTheBitsOfEachByItself) {
  for (const bool upwards : {false, true}) {
    for (const bool add : {false, true}) {
      for (const int vectors : {1, 2}) {
        for (const int across : {1, 3}) {
          for (int down = 2; down <= kMostDown; ++down) {
            const Case one{upwards, add, down % 2 == 0, vectors, across, down};
            ASSERT_EQ(output(one, false), output(one, true))
                << upwards << add << vectors << ' ' << across << " x " << down;
          }
        }
      }
    }
  }
}

// A row by itself against the formula.
TEST(Strip, IsTheSumOfTheProducts) {
  const Case one{false, false, true, 2, 1, 1};
  const auto y = output(one, true);
  const auto frame = values(static_cast<std::size_t>(kPitch) * (kMostDown + 2), 1);
  const auto weights = values(9, 2);
  for (std::size_t x = 0; x < 2 * kLanes; ++x) {
    double sum = 0.25;
    for (std::size_t k = 0; k < 9; ++k)
      sum += static_cast<double>(weights[k]) *
             static_cast<double>(frame[k / 3 * static_cast<std::size_t>(kPitch) + k % 3 + x]);
    EXPECT_NEAR(y[x], sum, 1e-5);
  }
}

}  // namespace
}  // namespace weightroom::nn::kernels
