// Formulas over arrays of every length, beside the same one value at a time.
#include "nn/kernels/lane_function.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::nn::kernels {
namespace {

// So long that it has whole vectors, a rest, and several stretches.
constexpr std::size_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1023, 1024, 1025, 2049, 3000};
constexpr float kGuard = -77.0F;

constexpr auto kFormula = [](auto a, auto b, auto c) { return a * b - c / (a * a + decltype(a)(1.0)); };

std::vector<float> values(std::size_t n, std::uint64_t seed) {
  base::Rng rng(seed, "lanes");
  std::vector<float> out(n);
  for (float& v : out) v = static_cast<float>(rng.normal());
  return out;
}

class LaneFunctionTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] std::size_t n() const { return GetParam(); }
  // Which of the inputs move, bit by bit.
  [[nodiscard]] float wanted(unsigned moves, std::size_t i) const {
    const auto at = [&](unsigned k, const std::vector<float>& v) { return v[(moves >> k & 1U) != 0 ? i : 0]; };
    return kFormula(at(0, a_), at(1, b_), at(2, c_));
  }
  [[nodiscard]] LaneInput input(unsigned moves, unsigned k, const std::vector<float>& v) const {
    return {v.data(), (moves >> k & 1U) != 0};
  }

  const std::vector<float> a_ = values(n(), 1);
  const std::vector<float> b_ = values(n(), 2);
  const std::vector<float> c_ = values(n(), 3);
};

TEST_P(LaneFunctionTest, IsWhatEachValueGivesByItself) {
  const LaneFunction f = lane_function<3>(kFormula);
  for (unsigned moves = 0; moves < 8; ++moves) {
    const auto in = [&](unsigned k, const std::vector<float>& v) { return input(moves, k, v); };
    std::vector<float> out(n() + 16, kGuard);
    apply(f, {in(0, a_), in(1, b_), in(2, c_)}, n(), out.data());
    for (std::size_t i = 0; i < n(); ++i) ASSERT_EQ(out[i], wanted(moves, i)) << moves << ' ' << i;
    for (std::size_t i = n(); i < out.size(); ++i) ASSERT_EQ(out[i], kGuard);

    std::vector<float> added = values(n() + 16, 4);
    const std::vector<float> before = added;
    apply_added(f, {in(0, a_), in(1, b_), in(2, c_)}, n(), added.data());
    for (std::size_t i = 0; i < n(); ++i) ASSERT_EQ(added[i], before[i] + wanted(moves, i));
    for (std::size_t i = n(); i < added.size(); ++i) ASSERT_EQ(added[i], before[i]);

    const double sum = reduce_long(n(), [&](auto d, std::size_t i) { return hn::LoadU(d, out.data() + i); });
    EXPECT_EQ(apply_summed(f, {in(0, a_), in(1, b_), in(2, c_)}, n()), sum);
  }
}

TEST_P(LaneFunctionTest, WritesOverItsInput) {
  std::vector<float> x = a_;
  map_lanes(n(), x.data(), x.data(), [](auto v) { return v * v; });
  for (std::size_t i = 0; i < n(); ++i) ASSERT_EQ(x[i], a_[i] * a_[i]);
}

INSTANTIATE_TEST_SUITE_P(EveryLength, LaneFunctionTest, ::testing::ValuesIn(kLengths));

}  // namespace
}  // namespace weightroom::nn::kernels
