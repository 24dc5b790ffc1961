#pragma once

#include "nn/kernels/conv.h"
#include "nn/kernels/frame.h"

namespace weightroom::nn::kernels {

// The zero-padded copy of some input channels that forward and the weight gradient read.
[[nodiscard]] Frame forward_frame(const Conv& conv, int channels);

// Scratch floats of conv_backward_weight.
[[nodiscard]] std::size_t conv_weight_workspace(const Conv& conv);

// The same of one group by Winograd's minimal filtering, for what suits_winograd(frame, outputs). x: samples of
// (channels,H,W), x_step apart; d_y: of (outputs,P,Q), d_y_step apart; d_weight: (outputs,channels,3,3), of which those
// of `some` channels are dealt with, as far as those units of the work are concerned.
[[nodiscard]] std::size_t winograd_weight_workspace(const Frame& frame, int samples, int outputs);
[[nodiscard]] int winograd_weight_units(const Frame& frame, int samples, int outputs, Range some);
void winograd_backward_weight(const Frame& frame, int samples, int outputs, Range some, Range units, const float* x,
                              std::ptrdiff_t x_step, const float* d_y, std::ptrdiff_t d_y_step, float* d_weight,
                              float* workspace);

}  // namespace weightroom::nn::kernels
