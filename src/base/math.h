#pragma once

#include <bit>
#include <cstdint>

// Elementary functions from +, -, *, / and sqrt alone, which IEEE 754 rounds the same everywhere: the same bits native,
// in Node and in every browser. libm differs between them, so no result of ours may use it.
namespace weightroom::base {

// Relative error of each at most a few units in the last place of a double, absolute for sin and cos near their zeros.
[[nodiscard]] double exp(double x);
[[nodiscard]] double log(double x);  // x > 0; log(0) = -infinity
[[nodiscard]] double sin(double x);  // |x| < 1e6
[[nodiscard]] double cos(double x);  // |x| < 1e6
struct SinCos {
  double sin;
  double cos;
};
[[nodiscard]] SinCos sin_cos(double x);  // the bits of sin and cos in little more than the time of one
[[nodiscard]] double tanh(double x);
[[nodiscard]] double pow(double x, double y);  // x > 0
[[nodiscard]] double erf(double x);

// Unlike ==: a NaN is itself, and 0 is not -0.
[[nodiscard]] constexpr bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

}  // namespace weightroom::base
