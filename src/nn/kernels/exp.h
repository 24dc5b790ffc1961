#pragma once

#include <span>

namespace weightroom::nn::kernels {

// y = exp(x - shift), relative error below 2e-7, the same bits on every target. Differences below
// -86.98 give 0, above 88.72 infinity; NaN stays NaN. y may be x. Method: lane_math.h.
void exp(std::span<const float> x, float shift, std::span<float> y);

}  // namespace weightroom::nn::kernels
