#pragma once

#include "nn/kernels/scratch.h"

// Convolution (strictly: cross-correlation, as in every deep-learning library) of float32 NCHW
// tensors.
//   y[n][o][p][q] = bias[o] + sum over c, i, j, ascending, of
//                   weight[o][c][i][j] * x[n][g C/G + c][p s_y + i d_y - pad_y][q s_x + j d_x -
//                   pad_x],   g = o / (O/G)
// Every y is one chain in the order written, whatever the target, the batch or the tile it falls into; but kernels of
// 3 x 3 that slide by one pixel go by Winograd's minimal filtering (correlate.h), with the same bits on every target
// and in every batch too, within 1e-5 of the largest output from the chain's. Threads share out samples, groups and
// output or input channels, none of which changes a chain; nor do cuts (Scratch::cut), which do the same things in the
// same order.
namespace weightroom::nn::kernels {

inline constexpr int kMaxKernel = 256;  // taps along one axis

// Extents of one call. Lengths are in pixels; pairs are (vertical, horizontal).
struct Conv {
  int batch = 1;
  int in_channels = 1, in_height = 1, in_width = 1;
  int out_channels = 1, out_height = 1, out_width = 1;
  int kernel_y = 1, kernel_x = 1;
  int stride_y = 1, stride_x = 1;
  int padding_y = 0, padding_x = 0;
  int dilation_y = 1, dilation_x = 1;
  int groups = 1;
};

// Floats of scratch that each function below needs for each thread.
[[nodiscard]] std::size_t conv_workspace(const Conv& conv);

// x: (N,C,H,W), weight: (O,C/G,kH,kW), bias: (O) or nullptr for zeros, y: (N,O,P,Q), overwritten.
void conv_forward(const Conv& conv, const float* x, const float* weight, const float* bias, float* y,
                  const Scratch& scratch);

// d_x += (or, without `add`, =) the gradient of sum(y d_y) with respect to x: one chain over o, i, j per element.
void conv_backward_input(const Conv& conv, const float* weight, const float* d_y, bool add, float* d_x,
                         const Scratch& scratch);

// d_weight += the gradient with respect to weight: sample by sample, and within a sample in bands
// of about 256 pixels, each summed on its own and then added in order. So the bits do not depend on
// how samples are batched; they do by Winograd, which sums over the whole batch before it adds.
void conv_backward_weight(const Conv& conv, const float* x, const float* d_y, float* d_weight, const Scratch& scratch);

// d_bias += the sum of each channel's d_y, one sample after another (eight virtual lanes within a
// plane).
void conv_backward_bias(const Conv& conv, const float* d_y, float* d_bias, const Scratch& scratch);

}  // namespace weightroom::nn::kernels
