#include "base/math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// libm is good to about one unit in the last place; so the two may be this far apart.
constexpr double kTolerance = 4.0 * kEpsilon;

using Function = double (*)(double);

void expect_relative(Function ours, Function libm, double low, double high, double tolerance = kTolerance) {
  Rng rng(1, "math test");
  for (int i = 0; i < 20000; ++i) {
    const double x = rng.uniform(low, high);
    const double expected = libm(x);
    ASSERT_NEAR(ours(x), expected, tolerance * std::abs(expected) + std::numeric_limits<double>::denorm_min())
        << "x = " << x;
  }
}

TEST(Math, ExpAgreesWithLibm) {
  expect_relative(exp, std::exp, -1.0, 1.0);
  expect_relative(exp, std::exp, -20.0, 20.0);
  expect_relative(exp, std::exp, -708.0, 709.0);
  EXPECT_EQ(exp(0.0), 1.0);
  EXPECT_EQ(exp(-kInfinity), 0.0);
  EXPECT_EQ(exp(-1000.0), 0.0);
  EXPECT_EQ(exp(1000.0), kInfinity);
  EXPECT_TRUE(std::isnan(exp(std::nan(""))));
  // Below the normal numbers a result has fewer digits.
  EXPECT_NEAR(exp(-740.0), std::exp(-740.0), 2.0 * std::numeric_limits<double>::denorm_min());
}

TEST(Math, LogAgreesWithLibm) {
  expect_relative(log, std::log, 1e-300, 1e-290);
  expect_relative(log, std::log, 1e-9, 2.0);
  expect_relative(log, std::log, 0.99, 1.01);
  expect_relative(log, std::log, 1.0, 1e12);
  EXPECT_EQ(log(1.0), 0.0);
  EXPECT_EQ(log(0.0), -kInfinity);
  EXPECT_EQ(log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(log(-1.0)));
  const double tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_NEAR(log(tiny), std::log(tiny), 1e-12);
}

TEST(Math, SinAndCosAgreeWithLibm) {
  Rng rng(2, "math test");
  for (double reach : {0.5, 4.0, 100.0, 1e6}) {
    for (int i = 0; i < 20000; ++i) {
      const double x = rng.uniform(-reach, reach);
      ASSERT_NEAR(sin(x), std::sin(x), 2.0 * kEpsilon * std::abs(std::sin(x)) + 1e-17) << x;
      ASSERT_NEAR(cos(x), std::cos(x), 2.0 * kEpsilon * std::abs(std::cos(x)) + 1e-17) << x;
    }
  }
  EXPECT_EQ(sin(0.0), 0.0);
  EXPECT_EQ(cos(0.0), 1.0);
  expect_relative(sin, std::sin, -1e-6, 1e-6);
  // The doubles nearest to multiples of pi/2: what is left is the rounding of the argument.
  for (int n = 1; n <= 40; ++n) {
    const double x = 1.5707963267948966 * n;
    ASSERT_NEAR(sin(x), std::sin(x), 1e-17 + kTolerance * std::abs(std::sin(x)));
    ASSERT_NEAR(cos(x), std::cos(x), 1e-17 + kTolerance * std::abs(std::cos(x)));
  }
}

TEST(Math, SinCosIsBoth) {
  Rng rng(2, "math test");
  for (int i = 0; i < 20000; ++i) {
    const double x = rng.uniform(-1e3, 1e3);
    const SinCos both = sin_cos(x);
    ASSERT_EQ(both.sin, sin(x));
    ASSERT_EQ(both.cos, cos(x));
    ASSERT_NEAR(both.sin * both.sin + both.cos * both.cos, 1.0, kTolerance);
  }
  EXPECT_TRUE(std::signbit(sin_cos(-0.0).sin));
  EXPECT_TRUE(std::isnan(sin_cos(kInfinity).cos));
}

TEST(Math, TanhAgreesWithLibm) {
  expect_relative(tanh, std::tanh, -1e-7, 1e-7);
  expect_relative(tanh, std::tanh, -0.5, 0.5);
  expect_relative(tanh, std::tanh, -25.0, 25.0);
  EXPECT_EQ(tanh(kInfinity), 1.0);
  EXPECT_EQ(tanh(-kInfinity), -1.0);
  EXPECT_EQ(tanh(0.0), 0.0);
}

TEST(Math, ErfAgreesWithLibm) {
  expect_relative(erf, std::erf, -1e-8, 1e-8);
  expect_relative(erf, std::erf, -1.0, 1.0);
  expect_relative(erf, std::erf, -3.1, 3.1);
  expect_relative(erf, std::erf, 2.9, 7.0);
  EXPECT_EQ(erf(kInfinity), 1.0);
  EXPECT_EQ(erf(-kInfinity), -1.0);
  EXPECT_EQ(erf(0.0), 0.0);
}

TEST(Math, PowAgreesWithLibm) {
  Rng rng(3, "math test");
  for (int i = 0; i < 50000; ++i) {
    const double x = exp(rng.uniform(-30.0, 30.0));
    const double y = rng.uniform(-23.0, 23.0);
    const double expected = std::pow(x, y);
    ASSERT_NEAR(pow(x, y), expected, kTolerance * expected) << x << " to the " << y;
  }
  for (int n = 1; n < 100; ++n) ASSERT_NEAR(pow(0.999, n), std::pow(0.999, n), kTolerance);
  EXPECT_EQ(pow(2.0, 10.0), 1024.0);
  EXPECT_EQ(pow(5.0, 0.0), 1.0);
  EXPECT_EQ(pow(0.0, 2.0), 0.0);
  EXPECT_EQ(pow(0.0, -2.0), kInfinity);
  EXPECT_EQ(pow(1e200, 1e200), kInfinity);
  EXPECT_EQ(pow(1e-200, 1e200), 0.0);
  EXPECT_TRUE(std::isnan(pow(-1.0, 0.5)));
}

// These bits were recorded once (x86-64, clang 19) and hold on every machine; libm's own differ
// from one to the next.
TEST(Math, HasTheRecordedBits) {
  double sum = 0.0;
  for (int i = 1; i <= 2000; ++i) {
    const double x = 0.01 * i;
    sum += exp(-x) + log(x) + sin(37.0 * x) + cos(91.0 * x) + tanh(0.1 * x) + pow(x, -0.7) + erf(0.4 * x);
  }
  EXPECT_EQ(std::bit_cast<std::uint64_t>(sum), 4665550922704209014ULL);
}

}  // namespace
}  // namespace weightroom::base
