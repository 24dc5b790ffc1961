#pragma once

#include <limits>

#include "nn/kernels/frame.h"

namespace weightroom::nn::kernels {

// Products in one output's chain.
[[nodiscard]] inline int chain_length(const Frame& frame) { return frame.channels() * frame.y().taps * frame.x().taps; }

// Where the outputs of a correlation lie. Element (n, m, t, u) is at
//   data + n sample_step + m channel_step + t row_step + u column_step.
struct Destination {
  float* data = nullptr;
  std::ptrdiff_t sample_step = 0;
  std::ptrdiff_t channel_step = 0;
  std::ptrdiff_t row_step = 0;
  std::ptrdiff_t column_step = 1;
  bool add = false;  // += instead of =
};

// out[n][m][t][u] = bias[m] + sum over c, i, j, ascending, of a[m][c][i][j] *
// source[n][c][y(t,i)][x(u,j)] for one group of channels: the convolution's forward, and with
// flipped kernels its backward to the input.
struct Correlation {
  Frame frame;  // geometry of the source: channels, taps, outputs
  int samples = 1;
  int rows = 1;              // m
  int layer_rows = 1;        // all rows of the layer, by which the way is chosen where these are a part of them
  const float* a = nullptr;  // (rows, channels, taps_y, taps_x)
  // Winograd alone: from a row's kernels to the next row's, and from a channel's to the next; 0: as above.
  std::ptrdiff_t a_row_step = 0;
  std::ptrdiff_t a_channel_step = 0;
  const float* bias = nullptr;
  const float* source = nullptr;
  std::ptrdiff_t source_step = 0;                                   // from a sample to the next
  Range units{.first = 0, .end = std::numeric_limits<int>::max()};  // of correlate_units() to be done
};

[[nodiscard]] std::size_t correlate_workspace(const Frame& frame, int samples, int rows);
void correlate(const Correlation& job, const Destination& to, float* workspace);
// Into how many units it may be cut. `workspace` must still be what the units before left there.
[[nodiscard]] int correlate_units(const Correlation& job);

// The ways to go about it. Which one is taken depends on the frame and the layer's rows alone.
// Winograd: kernels of 3 x 3 that slide by one pixel, with a quarter of the multiplications (Lavin and Gray 2016, tiles
// of 4 x 4). A chain is then not the one above; within 1e-5 of the largest output. Other bits than the two below.
[[nodiscard]] bool suits_winograd(const Frame& frame, int rows);
[[nodiscard]] std::size_t winograd_workspace(const Frame& frame, int samples, int rows);
[[nodiscard]] int winograd_units(const Correlation& job);
void correlate_winograd(const Correlation& job, const Destination& to, float* workspace);
// The other two give the same bits.
// Direct: vectors are read where they lie in the frame. For rows of whole vectors, and for few rows
// (depthwise).
[[nodiscard]] bool suits_direct(const Frame& frame, int rows);
[[nodiscard]] std::size_t correlate_direct_workspace(const Frame& frame);
[[nodiscard]] int correlate_direct_units(const Correlation& job);
void correlate_direct(const Correlation& job, const Destination& to, float* workspace);
// Packed: a few tiles of columns at a time, of several samples where planes are small, are copied
// together first.
[[nodiscard]] std::size_t correlate_packed_workspace(const Frame& frame, int samples);
[[nodiscard]] int correlate_packed_units(const Correlation& job);
void correlate_packed(const Correlation& job, const Destination& to, float* workspace);

}  // namespace weightroom::nn::kernels
