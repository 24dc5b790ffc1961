#pragma once

#include <vector>

#include "nn/shape.h"

namespace weightroom::explain {

// What lies beyond a picture's edge for a filter: nothing at all (zeros), or the picture mirrored in its edge with the
// outermost pixel twice.
enum class Edge { zero, mirror };

// Every channel of x (C,H,W) blurred by a Gaussian of `sigma` pixels, cut off at four sigmas and of sum 1, as
// scipy.ndimage.gaussian_filter does it. sigma 0: x itself.
[[nodiscard]] std::vector<double> gaussian_blur(std::span<const float> x, const nn::Shape& shape, double sigma,
                                                Edge edge);

}  // namespace weightroom::explain
