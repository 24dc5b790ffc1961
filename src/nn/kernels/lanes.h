#pragma once

#include <array>

#include "nn/kernels/simd.h"

// Formulas of one value, written once: the same text serves a float, a double (the oracle of the finite differences)
// and vectors of every width, whose lanes round as one value alone would. What differs between them is hidden here: a
// choice is where(condition, yes, no), both sides of which are worked out.
namespace weightroom::nn::kernels {

template <class D>
struct LaneMask {
  hn::Mask<D> m;
};

// As many floats as D has lanes.
template <class D>
struct Lanes {
  hn::Vec<D> v;

  HWY_INLINE Lanes(hn::Vec<D> from) : v(from) {}  // NOLINT(google-explicit-constructor): the vector itself
  HWY_INLINE explicit Lanes(double value) : v(hn::Set(D(), static_cast<float>(value))) {}

  friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return hn::Add(a.v, b.v); }
  friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return hn::Sub(a.v, b.v); }
  friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return hn::Mul(a.v, b.v); }
  friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return hn::Div(a.v, b.v); }
  friend HWY_INLINE Lanes operator-(Lanes a) { return hn::Neg(a.v); }
  friend HWY_INLINE LaneMask<D> operator<(Lanes a, Lanes b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE LaneMask<D> operator>(Lanes a, Lanes b) { return {hn::Gt(a.v, b.v)}; }
  friend HWY_INLINE LaneMask<D> operator<=(Lanes a, Lanes b) { return {hn::Le(a.v, b.v)}; }
  friend HWY_INLINE LaneMask<D> operator>=(Lanes a, Lanes b) { return {hn::Ge(a.v, b.v)}; }
};

template <class T>
[[nodiscard]] T where(bool condition, T yes, T no) {
  return condition ? yes : no;
}
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> where(LaneMask<D> condition, Lanes<D> yes, Lanes<D> no) {
  return hn::IfThenElse(condition.m, yes.v, no.v);
}
[[nodiscard]] inline bool both(bool a, bool b) { return a && b; }
template <class D>
[[nodiscard]] HWY_INLINE LaneMask<D> both(LaneMask<D> a, LaneMask<D> b) {
  return {hn::And(a.m, b.m)};
}

// x, but no more than `most` and no less than `least`; NaN stays NaN. (Of two numbers of which one is none, Highway's
// Min and Max give the second.)
template <class T>
[[nodiscard]] T within(T x, double least, double most) {
  const T low = static_cast<T>(least);
  const T high = static_cast<T>(most);
  return x < low ? low : x > high ? high : x;
}
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> within(Lanes<D> x, double least, double most) {
  return hn::Max(Lanes<D>(least).v, hn::Min(Lanes<D>(most).v, x.v));
}

// The smaller and the larger of two; `b` where one is NaN.
template <class T>
[[nodiscard]] T smaller(T a, T b) {
  return a < b ? a : b;
}
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> smaller(Lanes<D> a, Lanes<D> b) {
  return hn::Min(a.v, b.v);
}
template <class T>
[[nodiscard]] T larger(T a, T b) {
  return a > b ? a : b;
}
template <class D>
[[nodiscard]] HWY_INLINE Lanes<D> larger(Lanes<D> a, Lanes<D> b) {
  return hn::Max(a.v, b.v);
}

// c[0] z^n + c[1] z^(n-1) + ... + c[n], one line of code however small the program is to be.
template <class D, class... C>
[[nodiscard]] HWY_INLINE Lanes<D> polynomial(Lanes<D> z, double highest, C... others) {
  Lanes<D> sum(highest);
  ((sum = sum * z + Lanes<D>(others)), ...);
  return sum;
}

// f of each lane by itself, of what has no formula for vectors.
template <class D, class F>
[[nodiscard]] Lanes<D> lane_by_lane(Lanes<D> x, F f) {
  std::array<float, hn::MaxLanes(D())> lanes;
  hn::StoreU(x.v, D(), lanes.data());
  for (float& lane : lanes) lane = f(lane);
  return Lanes<D>(hn::LoadU(D(), lanes.data()));
}

}  // namespace weightroom::nn::kernels
