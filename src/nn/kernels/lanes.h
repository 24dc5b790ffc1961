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

  Lanes(hn::Vec<D> from) : v(from) {}  // NOLINT(google-explicit-constructor): the vector itself
  explicit Lanes(double value) : v(hn::Set(D(), static_cast<float>(value))) {}

  friend Lanes operator+(Lanes a, Lanes b) { return hn::Add(a.v, b.v); }
  friend Lanes operator-(Lanes a, Lanes b) { return hn::Sub(a.v, b.v); }
  friend Lanes operator*(Lanes a, Lanes b) { return hn::Mul(a.v, b.v); }
  friend Lanes operator/(Lanes a, Lanes b) { return hn::Div(a.v, b.v); }
  friend Lanes operator-(Lanes a) { return hn::Neg(a.v); }
  friend LaneMask<D> operator<(Lanes a, Lanes b) { return {hn::Lt(a.v, b.v)}; }
  friend LaneMask<D> operator>(Lanes a, Lanes b) { return {hn::Gt(a.v, b.v)}; }
  friend LaneMask<D> operator<=(Lanes a, Lanes b) { return {hn::Le(a.v, b.v)}; }
  friend LaneMask<D> operator>=(Lanes a, Lanes b) { return {hn::Ge(a.v, b.v)}; }
};

template <class T>
[[nodiscard]] T where(bool condition, T yes, T no) {
  return condition ? yes : no;
}
template <class D>
[[nodiscard]] Lanes<D> where(LaneMask<D> condition, Lanes<D> yes, Lanes<D> no) {
  return hn::IfThenElse(condition.m, yes.v, no.v);
}
[[nodiscard]] inline bool both(bool a, bool b) { return a && b; }
template <class D>
[[nodiscard]] LaneMask<D> both(LaneMask<D> a, LaneMask<D> b) {
  return {hn::And(a.m, b.m)};
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
