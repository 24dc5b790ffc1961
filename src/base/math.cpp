#include "base/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace weightroom::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// ln 2 and pi/2 in pieces: the leading ones are so short that their product with an integer below
// 2^20 is exact.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kHalfPi1 = 0x1.921fb54400000p+0;
constexpr double kHalfPi2 = 0x1.0b4611a600000p-34;
constexpr double kHalfPi3 = 0x1.3198a2e037073p-69;

// A value as an unevaluated sum, twice as precise as a double (Dekker 1971).
struct Pair {
  double high;
  double low;
};

// a + b exactly, for |a| >= |b|.
Pair fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a + b exactly.
Pair two_sum(double a, double b) {
  const double sum = a + b;
  const double b_seen = sum - a;
  return {sum, (a - (sum - b_seen)) + (b - b_seen)};
}

// a in two halves of 26 bits.
Pair split(double a) {
  const double scaled = 134217729.0 * a;  // 2^27 + 1
  const double high = scaled - (scaled - a);
  return {high, a - high};
}

// a * b exactly (Veltkamp, Dekker), without a fused multiply-add: wasm has none.
Pair two_product(double a, double b) {
  const double product = a * b;
  const Pair x = split(a);
  const Pair y = split(b);
  return {product, ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low};
}

Pair multiply(Pair a, Pair b) {
  const Pair product = two_product(a.high, b.high);
  return fast_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

double magnitude(double x) { return x < 0.0 ? -x : x; }

// The nearest integer of |x| < 2^51: adding 1.5 * 2^52 leaves no room for a fraction.
double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

// 2^k for -1022 <= k <= 1023.
double power_of_two(int k) { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

// x * 2^k, in two steps where 2^k alone would over- or underflow.
double scale(double x, int k) {
  const int half = k / 2;
  return x * power_of_two(half) * power_of_two(k - half);
}

// e^r - 1 for |r| <= 0.36: the Taylor series through r^14, whose remainder is below 2^-60 of the
// sum.
double expm1_reduced(double r) {
  double sum = 1.0;
  for (int n = 14; n >= 2; --n) sum = 1.0 + sum * r / static_cast<double>(n);
  return r * sum;
}

// e^(x + low) for a small correction `low`.
double exp_of_pair(double x, double low) {
  if (x != x) return x;
  if (x > 709.79) return kInfinity;
  if (x < -745.2) return 0.0;
  const double k = nearest(x * 1.4426950408889634);
  const double r = (x - k * kLn2High) - (k * kLn2Low - low);
  return scale(1.0 + expm1_reduced(r), static_cast<int>(k));
}

// e^x - 1 for 0 <= x < 700.
double expm1_positive(double x) {
  const double k = nearest(x * 1.4426950408889634);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  const double power = power_of_two(static_cast<int>(k));
  return power * expm1_reduced(r) + (power - 1.0);
}

// ln x to about 70 bits, for x > 0 and finite. With x = m * 2^e, m in [sqrt(1/2), sqrt(2)) and s =
// (m - 1) / (m + 1): ln m = 2 (s + s^3/3 + s^5/5 + ...), |s| < 0.172. The first two terms carry the
// extra bits.
Pair log_of(double x) {
  int e = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    e = -54;
  }
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  e += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL;
  double m = std::bit_cast<double>(bits);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++e;
  }
  const double f = m - 1.0;  // exact
  const Pair denominator = two_sum(m, 1.0);
  const double quotient = f / denominator.high;
  const Pair back = two_product(quotient, denominator.high);
  const double rest = ((f - back.high) - back.low) - quotient * denominator.low;
  const Pair s{quotient, rest / denominator.high};

  const Pair square = multiply(s, s);
  const Pair third = multiply(multiply(square, s), Pair{0x1.5555555555555p-2, 0x1.5555555555555p-56});  // s^3 / 3
  const double z = square.high;
  double tail = 0.0;
  for (int n = 27; n >= 5; n -= 2) tail = tail * z + 1.0 / static_cast<double>(n);
  tail *= z * z * s.high;  // s^5/5 + s^7/7 + ...

  const double k = static_cast<double>(e);
  const Pair leading = two_sum(k * kLn2High, 2.0 * s.high);
  const Pair second = two_sum(leading.high, 2.0 * third.high);
  const double low = leading.low + second.low + (2.0 * (s.low + third.low + tail) + k * kLn2Low);
  return fast_two_sum(second.high, low);
}

// sin r and cos r for |r| <= pi/4, by Taylor series; `low` corrects r. Neither sum waits for the other.
SinCos sin_cos_reduced(double r, double low) {
  const double z = r * r;
  double odd = 0.0;
  double even = 0.0;
  for (int n = 18; n >= 2; n -= 2) {
    odd = -z / static_cast<double>(n * (n + 1)) * (1.0 + odd);
    even = -z / static_cast<double>((n + 1) * (n + 2)) * (1.0 + even);
  }
  const double half = 0.5 * z;
  const double leading = 1.0 - half;
  return {r + (r * odd + low), leading + (((1.0 - leading) - half) - half * even - r * low)};
}

// erf x for 0 <= x < 2: 2/sqrt(pi) exp(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...), all terms positive
// (Abramowitz and Stegun 7.1.6).
double erf_series(double x) {
  const Pair square = two_product(x, x);
  const int terms = 12 + static_cast<int>(20.0 * x);
  double sum = 1.0;
  for (int n = terms; n >= 1; --n) sum = 1.0 + sum * (2.0 * square.high) / static_cast<double>(2 * n + 1);
  return 1.1283791670955126 * x * sum * exp_of_pair(-square.high, -square.low);
}

// 1 - erf x for x >= 2: the continued fraction of Laplace (Abramowitz and Stegun 7.1.14), from its
// 60th level.
double erfc_fraction(double x) {
  const Pair square = two_product(x, x);
  double level = x;
  for (int n = 60; n >= 1; --n) level = x + 0.5 * static_cast<double>(n) / level;
  return 0.5641895835477563 * exp_of_pair(-square.high, -square.low) / level;
}

}  // namespace

double exp(double x) { return exp_of_pair(x, 0.0); }

double log(double x) {
  if (x != x || x < 0.0) return kNan;
  if (x == 0.0) return -kInfinity;
  if (x == kInfinity) return x;
  return log_of(x).high;
}

// x - n pi/2 loses nothing to the two leading pieces (Cody and Waite 1980).
SinCos sin_cos(double x) {
  if (x == 0.0) return {x, 1.0};
  if (!(magnitude(x) < 0x1p30)) return {kNan, kNan};
  const double n = nearest(x * 0.6366197723675814);
  const double a = x - n * kHalfPi1;
  const double b = n * kHalfPi2;
  const Pair r = two_sum(a, -b);
  const Pair reduced = fast_two_sum(r.high, r.low - n * kHalfPi3);
  const SinCos at = sin_cos_reduced(reduced.high, reduced.low);
  switch (static_cast<int>(n) & 3) {
    case 0:
      return at;
    case 1:
      return {at.cos, -at.sin};
    case 2:
      return {-at.sin, -at.cos};
    default:
      return {-at.cos, at.sin};
  }
}

double sin(double x) { return sin_cos(x).sin; }

double cos(double x) { return sin_cos(x).cos; }

double tanh(double x) {
  if (x != x) return x;
  const double a = magnitude(x);
  if (a < 0x1p-30) return x;
  // tanh x = (e^2x - 1) / (e^2x + 1); from 22 on it rounds to 1.
  double value = 1.0;
  if (a < 22.0) {
    const double t = expm1_positive(2.0 * a);
    value = t / (t + 2.0);
  }
  return x < 0.0 ? -value : value;
}

double pow(double x, double y) {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (!(x >= 0.0) || y != y) return kNan;
  if (x == 0.0 || x == kInfinity) return (x == 0.0) == (y > 0.0) ? 0.0 : kInfinity;
  const Pair logarithm = log_of(x);
  const double rough = y * logarithm.high;
  // Far out the answer is 0 or infinity, and splitting the product would overflow.
  if (!(magnitude(rough) < 800.0)) return rough > 0.0 ? kInfinity : 0.0;
  const Pair product = two_product(y, logarithm.high);
  return exp_of_pair(product.high, product.low + y * logarithm.low);
}

double erf(double x) {
  if (x != x) return x;
  const double a = magnitude(x);
  const double value = a < 2.0 ? erf_series(a) : (a < 6.0 ? 1.0 - erfc_fraction(a) : 1.0);
  return x < 0.0 ? -value : value;
}

}  // namespace weightroom::base
