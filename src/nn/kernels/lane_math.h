#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "base/math.h"
#include "nn/kernels/lanes.h"

// exp and what is made of it, of a double and a float (base/math.h, right to the last place or two) and of Lanes: in
// float arithmetic, the same bits on every target and for every width, with the largest relative error that
// tests/nn/lane_math_test.cpp holds them to. NaN stays NaN.
namespace weightroom::nn::kernels {

namespace detail {

// x = n ln 2 + r with |r| <= ln 2 / 2, and e^r - 1 by a polynomial (Cephes expf).
template <class D>
struct Reduced {
  Lanes<D> n;
  Lanes<D> rest;  // e^r - 1
};

// Of -87.3 <= x <= 88.7.
template <class D>
[[nodiscard]] Reduced<D> reduce_exponent(Lanes<D> x) {
  using L = Lanes<D>;
  // The nearest whole number: adding 1.5 * 2^23 leaves it in the low bits, ties to even everywhere.
  const L magic(12582912.0);
  const L n = (x * L(1.44269504088896341) + magic) - magic;
  // ln 2 in two parts, the first exact in a product with n.
  const L r = (x - n * L(0.693359375)) - n * L(-2.12194440e-4);
  L p(1.9875691500e-4);
  for (const double c : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1})
    p = p * r + L(c);
  return {n, r * r * p + r};
}

// y 2^n in two halves, since n goes from -126 to 128 and one exponent field only to 127.
template <class D>
[[nodiscard]] Lanes<D> times_power_of_two(Lanes<D> y, Lanes<D> n) {
  const D d;
  const hn::RebindToSigned<D> whole_tag;
  const auto whole = hn::ConvertTo(whole_tag, n.v);
  const auto half = hn::ShiftRight<1>(whole);
  const auto bias = hn::Set(whole_tag, 127);
  const auto first = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const auto second = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(whole, half), bias)));
  return hn::Mul(hn::Mul(y.v, first), second);
}

// 2 atanh(s) = ln((1 + s) / (1 - s)) for |s| <= 1/3, by its series.
template <class D>
[[nodiscard]] Lanes<D> twice_atanh(Lanes<D> s) {
  using L = Lanes<D>;
  const L z = s * s;
  L sum(1.0 / 15.0);
  for (const double n : {13.0, 11.0, 9.0, 7.0, 5.0, 3.0}) sum = sum * z + L(1.0 / n);
  return s * z * sum * L(2.0) + s * L(2.0);
}

}  // namespace detail

// e^x. Below -87.3, where 2^n would be denormal, 0; above 88.7 infinity.
[[nodiscard]] inline double exp(double x) { return base::exp(x); }
[[nodiscard]] inline float exp(float x) { return static_cast<float>(base::exp(static_cast<double>(x))); }
template <class D>
[[nodiscard]] Lanes<D> exp(Lanes<D> x) {
  using L = Lanes<D>;
  const L low(-87.3F);
  const L high(88.7F);
  const auto within = both(x >= low, x <= high);
  const auto parts = detail::reduce_exponent(where(within, x, L(0.0)));
  const L y = detail::times_power_of_two(parts.rest + L(1.0), parts.n);
  // Of what is neither below nor above, only NaN is left.
  return where(within, y, where(x < low, L(0.0), where(x > high, L(std::numeric_limits<double>::infinity()), x)));
}

// e^x - 1, without loss about 0.
[[nodiscard]] inline double expm1(double x) { return base::exp(x) - 1.0; }
[[nodiscard]] inline float expm1(float x) { return static_cast<float>(base::exp(static_cast<double>(x)) - 1.0); }
// Of x <= 88.
template <class D>
[[nodiscard]] Lanes<D> expm1(Lanes<D> x) {
  using L = Lanes<D>;
  const L low(-87.3F);
  const auto parts = detail::reduce_exponent(where(x < low, low, x));
  const L power = detail::times_power_of_two(L(1.0), parts.n);
  return parts.rest * power + (power - L(1.0));
}

// ln(1 + x) of 0 <= x <= 1.
[[nodiscard]] inline double log1p_of_share(double x) { return base::log(1.0 + x); }
[[nodiscard]] inline float log1p_of_share(float x) {
  return static_cast<float>(base::log(1.0 + static_cast<double>(x)));
}
template <class D>
[[nodiscard]] Lanes<D> log1p_of_share(Lanes<D> x) {
  return detail::twice_atanh(x / (x + Lanes<D>(2.0)));
}

// ln x of what is no smaller than the least normal float.
[[nodiscard]] inline double log(double x) { return base::log(x); }
[[nodiscard]] inline float log(float x) { return static_cast<float>(base::log(static_cast<double>(x))); }
template <class D>
[[nodiscard]] Lanes<D> log(Lanes<D> x) {
  using L = Lanes<D>;
  const D d;
  const hn::RebindToSigned<D> bits_tag;
  // x = m 2^e with m from sqrt(1/2) to sqrt(2): the exponent field once the bits of sqrt(1/2) are taken off.
  const auto bits = hn::BitCast(bits_tag, x.v);
  const auto offset = hn::Sub(bits, hn::Set(bits_tag, 0x3f3504f3));
  const auto whole = hn::ShiftRight<23>(offset);
  const L e(hn::ConvertTo(d, whole));
  const L m(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(whole))));
  const L of_m = detail::twice_atanh((m - L(1.0)) / (m + L(1.0)));
  const L y = e * L(0.693359375) + (e * L(-2.12194440e-4) + of_m);
  return where(x <= L(static_cast<double>(std::numeric_limits<float>::max())), y, x);  // infinity and NaN
}

// tanh x: about 0 by its odd series, elsewhere 1 - 2 / (e^2x + 1).
[[nodiscard]] inline double tanh(double x) { return base::tanh(x); }
[[nodiscard]] inline float tanh(float x) { return static_cast<float>(base::tanh(static_cast<double>(x))); }
template <class D>
[[nodiscard]] Lanes<D> tanh(Lanes<D> x) {
  using L = Lanes<D>;
  const L size(hn::Abs(x.v));
  const L z = x * x;
  L p(-5.70498872745e-3);  // Cephes tanhf, |x| < 0.625
  for (const double c : {2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}) p = p * z + L(c);
  const L near = p * z * x + x;
  const L far = L(1.0) - L(2.0) / (exp(size + size) + L(1.0));
  return where(size < L(0.625), near, L(hn::CopySign(far.v, x.v)));
}

// erf x = x P(x^2) / Q(x^2), fitted to the least largest relative error up to 3.925, from where on it is 1 to a float's
// last place (scripts/golden/fit_erf.py).
[[nodiscard]] inline double erf(double x) { return base::erf(x); }
[[nodiscard]] inline float erf(float x) { return static_cast<float>(base::erf(static_cast<double>(x))); }
template <class D>
[[nodiscard]] Lanes<D> erf(Lanes<D> x) {
  using L = Lanes<D>;
  const L most(3.925);
  const L within = where(x > most, most, where(x < -most, -most, x));
  const L z = within * within;
  L p(2.04603108e-06);
  for (const double c : {0.000284824717, 0.00377200164, 0.0527675664, 0.190581894, 1.12837915}) p = p * z + L(c);
  L q(3.80468344e-05);
  for (const double c : {0.00116371306, 0.014982098, 0.114177673, 0.502231539, 1.0}) q = q * z + L(c);
  const L y = within * p / q;
  return where(y > L(1.0), L(1.0), where(y < L(-1.0), L(-1.0), y));
}

[[nodiscard]] inline double sqrt(double x) { return std::sqrt(x); }
[[nodiscard]] inline float sqrt(float x) { return std::sqrt(x); }
template <class D>
[[nodiscard]] Lanes<D> sqrt(Lanes<D> x) {
  return hn::Sqrt(x.v);
}

[[nodiscard]] inline double trunc(double x) { return std::trunc(x); }
[[nodiscard]] inline float trunc(float x) { return std::trunc(x); }
template <class D>
[[nodiscard]] Lanes<D> trunc(Lanes<D> x) {
  return hn::Trunc(x.v);
}

}  // namespace weightroom::nn::kernels
