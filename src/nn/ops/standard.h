#pragma once

#include <cmath>
#include <span>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/lane_math.h"

namespace weightroom::nn {

// How a norm brings a row to mean 0 and variance 1, in float: the mean in two parts, so that none of it is lost where
// it is large.
struct Standard {
  kernels::Centre centre;
  double scale;  // 1 / sqrt(var + epsilon)

  Standard(std::span<const float> row, double epsilon) {
    const kernels::Moments at = kernels::moments(row);
    centre = kernels::centre_of(at.mean);
    scale = 1.0 / std::sqrt(at.variance + epsilon);
  }
  // x - mean
  template <class D>
  [[nodiscard]] kernels::Lanes<D> centred(kernels::Lanes<D> x) const {
    return (x - kernels::Lanes<D>(centre.high)) - kernels::Lanes<D>(centre.low);
  }
  // (x - mean) scale
  template <class D>
  [[nodiscard]] kernels::Lanes<D> operator()(kernels::Lanes<D> x) const {
    return centred(x) * kernels::Lanes<D>(scale);
  }
};

}  // namespace weightroom::nn
