#pragma once

#include "nn/kernels/simd.h"

// The one-dimensional transforms of Winograd's minimal filtering with six points (Lavin and Gray 2016, arXiv
// 1509.09308): a polynomial of degree 5 is known by its values at 0, 3/4, -3/4, 3/2, -3/2 and infinity, and the values
// of a product are the products of the values. These points keep the error within twice that of the plain sum, where
// the usual 0, 1, -1, 2, -2 make it five to seven times as large (Barabasz et al. 2020, arXiv 1803.10986, on why).
//
// With d of six pixels, g of three weights and y of four outputs (F(4, 3)):  y = outputs4((B d) * (G3 g)).
// With d of six pixels, g of four gradients and y of three weights (F(3, 4)): y = outputs3((B d) * (G4 g)).
namespace weightroom::nn::kernels::winograd {

inline constexpr int kPoints = 6;

inline constexpr float kA = 0.75F;
inline constexpr float kB = 1.5F;
inline constexpr float kA2 = kA * kA;
inline constexpr float kB2 = kB * kB;
// What the polynomial of the other points gives at 0, at +-a and at +-b.
inline constexpr float kScale0 = 1.0F / (kA2 * kB2);
inline constexpr float kScaleA = 1.0F / (2.0F * kA2 * (kA2 - kB2));
inline constexpr float kScaleB = 1.0F / (2.0F * kB2 * (kB2 - kA2));

// V is any vector of d. Values lie `step` vectors apart.
template <class D>
struct Points {
  using V = hn::Vec<D>;
  D d;

  [[nodiscard]] V times(float factor, V v) const { return hn::Mul(hn::Set(d, factor), v); }

  // values = B pixels
  void pixels(const V* x, int step, V* values, int values_step) const {
    const V x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step], x4 = x[4 * step], x5 = x[5 * step];
    const V even_a = hn::Sub(x4, times(kB2, x2));
    const V odd_a = times(kA, hn::Sub(x3, times(kB2, x1)));
    const V even_b = hn::Sub(x4, times(kA2, x2));
    const V odd_b = times(kB, hn::Sub(x3, times(kA2, x1)));
    values[0] = hn::Add(hn::Sub(times(kA2 * kB2, x0), times(kA2 + kB2, x2)), x4);
    values[values_step] = hn::Add(even_a, odd_a);
    values[2 * values_step] = hn::Sub(even_a, odd_a);
    values[3 * values_step] = hn::Add(even_b, odd_b);
    values[4 * values_step] = hn::Sub(even_b, odd_b);
    values[5 * values_step] = hn::Add(hn::Sub(times(kA2 * kB2, x1), times(kA2 + kB2, x3)), x5);
  }

  // values = G3 g or G4 g
  template <int kTaps>
  void taps(const V* g, int step, V* values, int values_step) const {
    static_assert(kTaps == 3 || kTaps == 4);
    V odd_a = times(kA * kScaleA, g[step]);
    V odd_b = times(kB * kScaleB, g[step]);
    if constexpr (kTaps == 4) {
      odd_a = hn::Add(odd_a, times(kA * kA2 * kScaleA, g[3 * step]));
      odd_b = hn::Add(odd_b, times(kB * kB2 * kScaleB, g[3 * step]));
    }
    const V even_a = hn::Add(times(kScaleA, g[0]), times(kA2 * kScaleA, g[2 * step]));
    const V even_b = hn::Add(times(kScaleB, g[0]), times(kB2 * kScaleB, g[2 * step]));
    values[5 * values_step] = g[(kTaps - 1) * step];
    values[0] = times(kScale0, g[0]);
    values[values_step] = hn::Add(even_a, odd_a);
    values[2 * values_step] = hn::Sub(even_a, odd_a);
    values[3 * values_step] = hn::Add(even_b, odd_b);
    values[4 * values_step] = hn::Sub(even_b, odd_b);
  }

  // y = outputs of the products m
  template <int kOutputs>
  void outputs(const V* m, int step, V* y, int y_step) const {
    static_assert(kOutputs == 3 || kOutputs == 4);
    const V sum_a = hn::Add(m[step], m[2 * step]);
    const V sum_b = hn::Add(m[3 * step], m[4 * step]);
    const V difference_a = hn::Sub(m[step], m[2 * step]);
    const V difference_b = hn::Sub(m[3 * step], m[4 * step]);
    const V m0 = m[0], m5 = m[5 * step];
    y[0] = hn::Add(m0, hn::Add(sum_a, sum_b));
    y[y_step] = hn::Add(times(kA, difference_a), times(kB, difference_b));
    y[2 * y_step] = hn::Add(times(kA2, sum_a), times(kB2, sum_b));
    if constexpr (kOutputs == 4) {
      y[3 * y_step] = hn::Add(hn::Add(times(kA * kA2, difference_a), times(kB * kB2, difference_b)), m5);
    } else {
      y[2 * y_step] = hn::Add(y[2 * y_step], m5);
    }
  }
};

}  // namespace weightroom::nn::kernels::winograd
