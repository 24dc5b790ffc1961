#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/shape.h"

// Maps that know nothing of the network, for methods to be measured against.
namespace weightroom::explain {

// (H,W) of standard normal numbers.
[[nodiscard]] std::vector<float> random_map(int height, int width, std::uint64_t seed);

// (H,W): how steep the picture is, the size of Sobel's gradient of the mean of its channels, edges repeated. input:
// (C,H,W).
[[nodiscard]] std::vector<float> edge_map(std::span<const float> input, const nn::Shape& shape);

}  // namespace weightroom::explain
