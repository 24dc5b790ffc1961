// The functions of kernels/lane_math.h against base/math.h, at floats of every size.
#include "nn/kernels/lane_math.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/math.h"
#include "nn/kernels/lane_function.h"

namespace weightroom::nn::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What one lane gives, which must be what each of many gives.
template <class F>
float lane(F f, float x) {
  constexpr std::size_t kCount = 33;
  std::array<float, kCount> in;
  std::array<float, kCount> out{};
  in.fill(x);
  map_lanes(kCount, in.data(), out.data(), f);
  for (const float value : out)
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), std::bit_cast<std::uint32_t>(out[0])) << x;
  return out[0];
}

// The largest error of f from `from` to `to`, as a share of the right value; what is smaller than `least` counts as
// that.
template <class F>
double largest_error(F f, double (*right)(double), double from, double to, double least = 1e-37) {
  constexpr int kPlaces = 40'000;
  double worst = 0.0;
  for (int k = 0; k <= kPlaces; ++k) {
    const auto x = static_cast<float>(from + (to - from) * k / kPlaces);
    const double wanted = right(static_cast<double>(x));
    const double off = std::fabs(static_cast<double>(lane(f, x)) - wanted) / std::max(std::fabs(wanted), least);
    worst = std::max(worst, off);
  }
  return worst;
}

constexpr auto kExp = [](auto x) { return exp(x); };
constexpr auto kExpm1 = [](auto x) { return expm1(x); };
constexpr auto kLog = [](auto x) { return log(x); };
constexpr auto kLog1p = [](auto x) { return log1p_of_share(x); };
constexpr auto kTanh = [](auto x) { return tanh(x); };
constexpr auto kErf = [](auto x) { return erf(x); };

TEST(LaneMath, IsRightToAFewLastPlaces) {
  EXPECT_LT(largest_error(kExp, base::exp, -86.9, 88.7), 2e-7);
  EXPECT_LT(largest_error(kExpm1, [](double x) { return std::expm1(x); }, -20.0, 20.0), 4e-7);
  EXPECT_LT(largest_error(kExpm1, [](double x) { return std::expm1(x); }, -1e-3, 1e-3), 2e-7);
  EXPECT_LT(largest_error(kLog, base::log, 1e-3, 0.99), 3e-7);
  EXPECT_LT(largest_error(kLog, base::log, 1.01, 3e4), 3e-7);
  EXPECT_LT(largest_error(kLog, base::log, 0.99, 1.01), 3e-7);
  EXPECT_LT(largest_error(kLog1p, [](double x) { return std::log1p(x); }, 0.0, 1.0), 4e-7);
  EXPECT_LT(largest_error(kTanh, base::tanh, -12.0, 12.0), 4e-7);
  EXPECT_LT(largest_error(kTanh, base::tanh, -1e-3, 1e-3), 3e-7);
  EXPECT_LT(largest_error(kErf, base::erf, -5.0, 5.0), 5e-7);
  EXPECT_LT(largest_error(kErf, base::erf, -1e-3, 1e-3), 4e-7);
}

TEST(LaneMath, EndsWhereFloatsEnd) {
  EXPECT_EQ(lane(kExp, -88.0F), 0.0F);
  EXPECT_EQ(lane(kExp, -kInfinity), 0.0F);
  EXPECT_EQ(lane(kExp, 89.0F), kInfinity);
  EXPECT_EQ(lane(kExp, kInfinity), kInfinity);
  EXPECT_EQ(lane(kExp, 0.0F), 1.0F);
  EXPECT_EQ(lane(kExpm1, -kInfinity), -1.0F);
  EXPECT_EQ(lane(kExpm1, 0.0F), 0.0F);
  EXPECT_EQ(lane(kLog, kInfinity), kInfinity);
  EXPECT_EQ(lane(kLog, 1.0F), 0.0F);
  EXPECT_LT(std::fabs(lane(kLog, std::numeric_limits<float>::max()) - 88.72284F), 1e-5F);
  EXPECT_LT(std::fabs(lane(kLog, 1e-30F) + 69.07755F), 1e-5F);
  EXPECT_EQ(lane(kTanh, kInfinity), 1.0F);
  EXPECT_EQ(lane(kTanh, -60.0F), -1.0F);
  EXPECT_EQ(lane(kErf, -kInfinity), -1.0F);
  EXPECT_EQ(lane(kErf, 6.0F), 1.0F);
  EXPECT_LE(largest_error(kErf, [](double) { return 1.0; }, 3.0, 4.0), 3e-5);
}

TEST(LaneMath, NanStaysNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(lane(kExp, nan)));
  EXPECT_TRUE(std::isnan(lane(kExpm1, nan)));
  EXPECT_TRUE(std::isnan(lane(kLog, nan)));
  EXPECT_TRUE(std::isnan(lane(kTanh, nan)));
  EXPECT_TRUE(std::isnan(lane(kErf, nan)));
}

TEST(LaneMath, LanesByThemselvesKeepTheirOrder) {
  const auto square = [](auto x) { return lane_by_lane(x, [](float one) { return one * one; }); };
  std::array<float, 19> in{};
  std::array<float, 19> out{};
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i) - 7.0F;
  map_lanes(in.size(), in.data(), out.data(), square);
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(out[i], in[i] * in[i]);
}

TEST(ReduceLong, IsTheSumOfAllTerms) {
  std::vector<float> values(100'003);
  double right = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 1.0F + static_cast<float>(i % 97) * 0.01F;
    right += static_cast<double>(values[i]);
  }
  const double sum =
      reduce_long(values.size(), [p = values.data()](auto d, std::size_t i) { return hn::LoadU(d, p + i); });
  EXPECT_NEAR(sum / right, 1.0, 1e-7);
  EXPECT_EQ(reduce_long(0, [](auto d, std::size_t) { return hn::Zero(d); }), 0.0);
}

}  // namespace
}  // namespace weightroom::nn::kernels
