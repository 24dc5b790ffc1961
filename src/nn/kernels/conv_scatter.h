#pragma once

#include "nn/kernels/conv.h"

namespace weightroom::nn::kernels {

// The gradient by the input the other way round: what each output pixel gives to the pixels under its kernel, scattered
// there. For a first layer, whose few input channels make the frames of d_y (conv.cpp) the greater part of the work.
// Chains: over o for each tap, then over the outputs and taps that reach a pixel, ascending.
[[nodiscard]] bool suits_scatter(const Conv& conv);
[[nodiscard]] std::size_t scatter_workspace(const Conv& conv);
// d_x += the gradient.
void scatter_backward_input(const Conv& conv, const float* weight, const float* d_y, float* d_x,
                            const Scratch& scratch);

}  // namespace weightroom::nn::kernels
