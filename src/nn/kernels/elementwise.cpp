#include "nn/kernels/elementwise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {

void copy(std::span<const float> x, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(x.size(), y.data(), [p = x.data()](auto d, std::size_t i) { return hn::LoadU(d, p + i); });
}

void take(const float* x, std::span<const int> places, std::span<float> y) {
  CHECK(places.size() == y.size());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[places[i]];
}

void give_back(std::span<const float> d_y, std::span<const int> places, float* d_x) {
  CHECK(places.size() == d_y.size());
  for (std::size_t i = 0; i < d_y.size(); ++i) d_x[places[i]] += d_y[i];
}

void relu(std::span<const float> x, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(x.size(), y.data(), [p = x.data()](auto d, std::size_t i) {
    const auto v = hn::LoadU(d, p + i);
    return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(d)), v);
  });
}

void relu_backward(std::span<const float> x, std::span<const float> d_y, std::span<float> d_x) {
  CHECK(x.size() == d_y.size() && x.size() == d_x.size());
  map(x.size(), d_x.data(), [p = x.data(), g = d_y.data(), o = d_x.data()](auto d, std::size_t i) {
    const auto open = hn::Gt(hn::LoadU(d, p + i), hn::Zero(d));
    return hn::Add(hn::LoadU(d, o + i), hn::IfThenElseZero(open, hn::LoadU(d, g + i)));
  });
}

void relu_backward_fresh(std::span<const float> x, std::span<const float> d_y, std::span<float> d_x) {
  CHECK(x.size() == d_y.size() && x.size() == d_x.size());
  map(x.size(), d_x.data(), [p = x.data(), g = d_y.data()](auto d, std::size_t i) {
    return hn::IfThenElseZero(hn::Gt(hn::LoadU(d, p + i), hn::Zero(d)), hn::LoadU(d, g + i));
  });
}

void add(std::span<const float> a, std::span<const float> b, std::span<float> y) {
  CHECK(a.size() == b.size() && a.size() == y.size());
  map(y.size(), y.data(), [p = a.data(), q = b.data()](auto d, std::size_t i) {
    return hn::Add(hn::LoadU(d, p + i), hn::LoadU(d, q + i));
  });
}

void accumulate(std::span<const float> x, std::span<float> y) { add(y, x, y); }

void accumulate(float value, std::span<float> y) {
  map(y.size(), y.data(),
      [=, p = y.data()](auto d, std::size_t i) { return hn::Add(hn::LoadU(d, p + i), hn::Set(d, value)); });
}

void axpy(float a, std::span<const float> x, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(y.size(), y.data(), [=, p = x.data(), q = y.data()](auto d, std::size_t i) {
    return hn::Add(hn::LoadU(d, q + i), hn::Mul(hn::Set(d, a), hn::LoadU(d, p + i)));
  });
}

void scale(float a, std::span<const float> x, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(y.size(), y.data(),
      [=, p = x.data()](auto d, std::size_t i) { return hn::Mul(hn::Set(d, a), hn::LoadU(d, p + i)); });
}

void scale_shift(float a, float b, std::span<const float> x, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(y.size(), y.data(), [=, p = x.data()](auto d, std::size_t i) {
    return hn::Add(hn::Mul(hn::Set(d, a), hn::LoadU(d, p + i)), hn::Set(d, b));
  });
}

void combine(float a, std::span<const float> x, float b, std::span<const float> y, float c, std::span<float> z) {
  CHECK(x.size() == y.size() && x.size() == z.size());
  map(z.size(), z.data(), [=, p = x.data(), q = y.data(), r = z.data()](auto d, std::size_t i) {
    const auto ax = hn::Mul(hn::Set(d, a), hn::LoadU(d, p + i));
    const auto by = hn::Mul(hn::Set(d, b), hn::LoadU(d, q + i));
    return hn::Add(hn::LoadU(d, r + i), hn::Add(hn::Add(ax, by), hn::Set(d, c)));
  });
}

void accumulate_product(std::span<const float> a, std::span<const float> b, std::span<float> y) {
  CHECK(a.size() == b.size() && a.size() == y.size());
  map(y.size(), y.data(), [p = a.data(), q = b.data(), r = y.data()](auto d, std::size_t i) {
    return hn::Add(hn::LoadU(d, r + i), hn::Mul(hn::LoadU(d, p + i), hn::LoadU(d, q + i)));
  });
}

float sum(std::span<const float> x) {
  return reduce(x.size(), [p = x.data()](auto d, std::size_t i) { return hn::LoadU(d, p + i); });
}

float sum_squares(std::span<const float> x) { return dot(x, x); }

float sum_squares_centered(std::span<const float> x, float mean) {
  return reduce(x.size(), [=, p = x.data()](auto d, std::size_t i) {
    const auto v = hn::Sub(hn::LoadU(d, p + i), hn::Set(d, mean));
    return hn::Mul(v, v);
  });
}

float long_sum(std::span<const float> x) {
  return static_cast<float>(
      reduce_long(x.size(), [p = x.data()](auto d, std::size_t i) { return hn::LoadU(d, p + i); }));
}

float long_dot(std::span<const float> x, std::span<const float> y) {
  CHECK(x.size() == y.size());
  return static_cast<float>(reduce_long(x.size(), [p = x.data(), q = y.data()](auto d, std::size_t i) {
    return hn::Mul(hn::LoadU(d, p + i), hn::LoadU(d, q + i));
  }));
}

Centre centre_of(double mean) {
  const auto high = static_cast<float>(mean);
  return {high, static_cast<float>(mean - static_cast<double>(high))};
}

Moments moments(std::span<const float> x) {
  const auto count = static_cast<double>(x.size());
  const double mean =
      reduce_long(x.size(), [p = x.data()](auto d, std::size_t i) { return hn::LoadU(d, p + i); }) / count;
  const Centre centre = centre_of(mean);
  const double squares = reduce_long(x.size(), [=, p = x.data()](auto d, std::size_t i) {
    const auto v = hn::Sub(hn::Sub(hn::LoadU(d, p + i), hn::Set(d, centre.high)), hn::Set(d, centre.low));
    return hn::Mul(v, v);
  });
  return {mean, squares / count};
}

float dot(std::span<const float> x, std::span<const float> y) {
  CHECK(x.size() == y.size());
  return reduce(x.size(), [p = x.data(), q = y.data()](auto d, std::size_t i) {
    return hn::Mul(hn::LoadU(d, p + i), hn::LoadU(d, q + i));
  });
}

float dot_centered(std::span<const float> x, float mean, std::span<const float> y) {
  CHECK(x.size() == y.size());
  return reduce(x.size(), [=, p = x.data(), q = y.data()](auto d, std::size_t i) {
    return hn::Mul(hn::Sub(hn::LoadU(d, p + i), hn::Set(d, mean)), hn::LoadU(d, q + i));
  });
}

float maximum(std::span<const float> x) {
  const FloatTag d;
  float largest = -std::numeric_limits<float>::infinity();
  std::size_t i = 0;
  if (x.size() >= 2 * kLanes) {
    auto most = hn::Set(d, largest);
    auto other = most;  // so that no value waits for the one before; `most` where Max's first is NaN
    for (; i + 2 * kLanes <= x.size(); i += 2 * kLanes) {
      most = hn::Max(hn::LoadU(d, x.data() + i), most);
      other = hn::Max(hn::LoadU(d, x.data() + i + kLanes), other);
    }
    most = hn::Max(other, most);
    float lanes[kLanes];
    hn::StoreU(most, d, lanes);
    for (const float value : lanes) largest = value > largest ? value : largest;
  }
  for (; i < x.size(); ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

float largest_magnitude(std::span<const float> x) {
  const FloatTag d;
  auto largest = hn::Zero(d);
  std::size_t i = 0;
  for (; i + kLanes <= x.size(); i += kLanes) largest = hn::Max(largest, hn::Abs(hn::LoadU(d, x.data() + i)));
  float lanes[kLanes];
  hn::StoreU(largest, d, lanes);
  float most = maximum(lanes);
  for (; i < x.size(); ++i) most = std::max(most, std::abs(x[i]));
  return most;
}

}  // namespace weightroom::nn::kernels
