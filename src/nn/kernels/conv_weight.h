#pragma once

#include "nn/kernels/conv.h"
#include "nn/kernels/frame.h"

namespace weightroom::nn::kernels {

// The zero-padded copy of some input channels that forward and the weight gradient read.
[[nodiscard]] Frame forward_frame(const Conv& conv, int channels);

// Scratch floats of conv_backward_weight.
[[nodiscard]] std::size_t conv_weight_workspace(const Conv& conv);

}  // namespace weightroom::nn::kernels
