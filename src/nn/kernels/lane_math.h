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

// x = n ln 2 + r with |r| <= ln 2 / 2: e^r - 1 by a polynomial (Cephes expf), and half of 2^n, since n goes to 128 and
// an exponent field to 127. Beyond a float's range, n = -126 gives 0 and n = 128 what doubled is infinite.
template <class D>
struct Reduced {
  Lanes<D> rest;
  Lanes<D> half_power;
};

template <class D>
[[nodiscard]] HWY_INLINE Reduced<D> reduce_exponent(Lanes<D> of) {
  using L = Lanes<D>;
  const D d;
  const hn::RebindToSigned<D> bits_tag;
  const L x = within(of, -87.5, 88.8);
  // The nearest whole number: adding 1.5 * 2^23 leaves it in the low bits, ties to even everywhere.
  constexpr std::int32_t kMagicBits = 0x4B400000;
  const L magic(12582912.0);
  const L low_bits = x * L(1.44269504088896341) + magic;
  const L n = low_bits - magic;
  // ln 2 in two parts, the first exact in a product with n.
  const L r = (x - n * L(0.693359375)) - n * L(-2.12194440e-4);
  // The odd powers by themselves, so that neither sum waits for the other.
  const L square = r * r;
  const L p = polynomial(square, 1.3981999507e-3, 4.1665795894e-2, 5.0000001201e-1) +
              r * polynomial(square, 1.9875691500e-4, 8.3334519073e-3, 1.6666665459e-1);
  const auto field = hn::Add(hn::BitCast(bits_tag, low_bits.v), hn::Set(bits_tag, 126 - kMagicBits));
  return {square * p + r, L(hn::BitCast(d, hn::ShiftLeft<23>(field)))};
}

// 2 atanh(s) = ln((1 + s) / (1 - s)) for |s| <= 1/3, by its series.
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> twice_atanh(Lanes<D> s) {
  using L = Lanes<D>;
  const L z = s * s;
  const L sum = polynomial(z, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0);
  return s * z * sum * L(2.0) + s * L(2.0);
}

}  // namespace detail

// e^x. Below -86.98, where 2^n would be denormal, 0; infinity from where no float is large enough.
[[nodiscard]] inline double exp(double x) { return base::exp(x); }
[[nodiscard]] inline float exp(float x) { return static_cast<float>(base::exp(static_cast<double>(x))); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> exp(Lanes<D> x) {
  const auto parts = detail::reduce_exponent(x);
  const Lanes<D> half = (parts.rest + Lanes<D>(1.0)) * parts.half_power;
  return half + half;
}

// e^x - 1, without loss about 0.
[[nodiscard]] inline double expm1(double x) { return base::exp(x) - 1.0; }
[[nodiscard]] inline float expm1(float x) { return static_cast<float>(base::exp(static_cast<double>(x)) - 1.0); }
// Of x <= 88.
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> expm1(Lanes<D> x) {
  const auto parts = detail::reduce_exponent(x);
  const Lanes<D> power = parts.half_power + parts.half_power;
  return parts.rest * power + (power - Lanes<D>(1.0));
}

// ln(1 + x) of 0 <= x <= 1, by a polynomial (scripts/golden/fit_lanes.py).
[[nodiscard]] inline double log1p_of_share(double x) { return base::log(1.0 + x); }
[[nodiscard]] inline float log1p_of_share(float x) {
  return static_cast<float>(base::log(1.0 + static_cast<double>(x)));
}
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> log1p_of_share(Lanes<D> x) {
  const Lanes<D> square = x * x;
  return x * (polynomial(square, 0.0052325964, 0.0782252921, 0.19105979, 0.333190958, 0.99999997) +
              x * polynomial(square, -0.0295048409, -0.136631885, -0.248429748, -0.499994931));
}

// ln x of what is no smaller than the least normal float.
[[nodiscard]] inline double log(double x) { return base::log(x); }
[[nodiscard]] inline float log(float x) { return static_cast<float>(base::log(static_cast<double>(x))); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> log(Lanes<D> x) {
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

// tanh x = x P(x^2) / Q(x^2), fitted to the least largest relative error up to 9, from where on it is 1 in float
// (scripts/golden/fit_lanes.py).
[[nodiscard]] inline double tanh(double x) { return base::tanh(x); }
[[nodiscard]] inline float tanh(float x) { return static_cast<float>(base::tanh(static_cast<double>(x))); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> tanh(Lanes<D> of) {
  const Lanes<D> x = within(of, -9.0, 9.0);
  const Lanes<D> z = x * x;
  const Lanes<D> p = polynomial(z, 1.33542301e-08, 2.0608798e-05, 0.00349557253, 0.133810132, 0.99999998);
  const Lanes<D> q = polynomial(z, 7.77638893e-07, 0.000328560801, 0.025876925, 0.467143289, 1.0);
  return within(x * p / q, -1.0, 1.0);
}

// erf x in the same way up to 3.925, from where on it is 1 to a float's last place.
[[nodiscard]] inline double erf(double x) { return base::erf(x); }
[[nodiscard]] inline float erf(float x) { return static_cast<float>(base::erf(static_cast<double>(x))); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> erf(Lanes<D> of) {
  const Lanes<D> x = within(of, -3.925, 3.925);
  const Lanes<D> z = x * x;
  const Lanes<D> p = polynomial(z, 2.04603783e-06, 0.00028483132, 0.00377217689, 0.0527681193, 0.190585605, 1.12837915);
  const Lanes<D> q = polynomial(z, 3.8047249e-05, 0.00116376046, 0.0149824481, 0.114179263, 0.502234827, 1.0);
  return within(x * p / q, -1.0, 1.0);
}

[[nodiscard]] inline double sqrt(double x) { return std::sqrt(x); }
[[nodiscard]] inline float sqrt(float x) { return std::sqrt(x); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> sqrt(Lanes<D> x) {
  return hn::Sqrt(x.v);
}

[[nodiscard]] inline double trunc(double x) { return std::trunc(x); }
[[nodiscard]] inline float trunc(float x) { return std::trunc(x); }
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> trunc(Lanes<D> x) {
  return hn::Trunc(x.v);
}

}  // namespace weightroom::nn::kernels
