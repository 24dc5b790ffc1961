#pragma once

#include <span>

// Loops over equally long runs of values. y may be x itself where a function reads and writes the
// same index. The sums have eight virtual lanes and one fixed tree (simd.h): the same bits on every
// target.
namespace weightroom::nn::kernels {

// y = x. Of a row of a map, which std::copy_n would leave to the machine's memory.copy: in a browser that is a call.
void copy(std::span<const float> x, std::span<float> y);
// y[i] = x[places[i]], and the way back: d_x[places[i]] += d_y[i], in order.
void take(const float* x, std::span<const int> places, std::span<float> y);
void give_back(std::span<const float> d_y, std::span<const int> places, float* d_x);
// y = max(x, 0); NaN stays NaN.
void relu(std::span<const float> x, std::span<float> y);
// d_x += d_y where x > 0. (x may be the output as well: it is positive at the same places.)
void relu_backward(std::span<const float> x, std::span<const float> d_y, std::span<float> d_x);
// The same with = for +=.
void relu_backward_fresh(std::span<const float> x, std::span<const float> d_y, std::span<float> d_x);

// y = a + b
void add(std::span<const float> a, std::span<const float> b, std::span<float> y);
// y += x
void accumulate(std::span<const float> x, std::span<float> y);
// y += value
void accumulate(float value, std::span<float> y);
// y += a x
void axpy(float a, std::span<const float> x, std::span<float> y);
// y = a x
void scale(float a, std::span<const float> x, std::span<float> y);
// y = a x + b: batch norm of one channel's plane.
void scale_shift(float a, float b, std::span<const float> x, std::span<float> y);
// z += (a x + b y) + c: the shape of batch norm's backward.
void combine(float a, std::span<const float> x, float b, std::span<const float> y, float c, std::span<float> z);
// y += a b, element by element.
void accumulate_product(std::span<const float> a, std::span<const float> b, std::span<float> y);

// Sum of x.
[[nodiscard]] float sum(std::span<const float> x);
// Sum of x^2.
[[nodiscard]] float sum_squares(std::span<const float> x);
// Sum of (x - mean)^2.
[[nodiscard]] float sum_squares_centered(std::span<const float> x, float mean);
// The same of many terms, without an error that grows with their number (reduce_long).
[[nodiscard]] float long_sum(std::span<const float> x);
[[nodiscard]] float long_dot(std::span<const float> x, std::span<const float> y);

// Of the values, as a norm needs them: the mean and the variance about it (of all, not of a sample). The sums are
// reduce_long()'s.
struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};
[[nodiscard]] Moments moments(std::span<const float> x);
// A mean in two floats: (x - high) - low loses nothing where x and the mean are alike.
struct Centre {
  float high = 0.0F;
  float low = 0.0F;
};
[[nodiscard]] Centre centre_of(double mean);

// Sum of x y.
[[nodiscard]] float dot(std::span<const float> x, std::span<const float> y);
// Sum of (x - mean) y.
[[nodiscard]] float dot_centered(std::span<const float> x, float mean, std::span<const float> y);
// Largest value, NaN aside; -infinity of nothing.
[[nodiscard]] float maximum(std::span<const float> x);
// Largest |value|; 0 of nothing. Of finite values.
[[nodiscard]] float largest_magnitude(std::span<const float> x);

}  // namespace weightroom::nn::kernels
