#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "nn/kernels/conv.h"

namespace weightroom::nn::kernels {

// One axis of a correlation: output t reads tap i at source position first + i spacing + t step,
// zero outside [0, size).
struct Axis {
  int size = 1;  // of the source
  int taps = 1;
  int first = 0;
  int spacing = 1;  // negative where the kernel is flipped
  int step = 1;
  int outputs = 1;

  [[nodiscard]] int low() const { return first + std::min(0, (taps - 1) * spacing); }
  [[nodiscard]] int high() const { return first + std::max(0, (taps - 1) * spacing) + (outputs - 1) * step; }
  [[nodiscard]] int extent() const { return high() - low() + 1; }
};

// A zero-padded copy of some channels of a sample, so that no inner loop meets an edge. Rows are
// split by x modulo the horizontal step ("phases"), so that neighbouring outputs read neighbouring
// values at any stride:
//   frame[c][y][phase][q] = source[c][y + low_y][q step_x + phase + low_x]
class Frame {
 public:
  Frame(const Axis& y, const Axis& x, int channels);

  // Floats of one sample. Reads may run kFrameSlack floats past the last sample.
  [[nodiscard]] std::ptrdiff_t sample_size() const { return channels_ * channel_size_; }
  [[nodiscard]] std::ptrdiff_t channel_size() const { return channel_size_; }
  // From output (t,u) to output (t+1,u); (t,u+1) is the next float.
  [[nodiscard]] std::ptrdiff_t output_row_step() const { return y_.step * row_size_; }
  // Where output (0,0) finds tap (i,j) of channel c.
  [[nodiscard]] std::ptrdiff_t tap(int c, int i, int j) const {
    return c * channel_size_ + (y_.first + i * y_.spacing - y_.low()) * row_size_ + tap_x_[static_cast<std::size_t>(j)];
  }
  [[nodiscard]] int channels() const { return channels_; }
  [[nodiscard]] const Axis& y() const { return y_; }
  [[nodiscard]] const Axis& x() const { return x_; }

  // Whether the frame of a source would be the source itself, so that it may be read where it lies.
  [[nodiscard]] bool is_source() const {
    return x_.low() == 0 && y_.low() == 0 && x_.step == 1 && x_.extent() == x_.size && y_.extent() == y_.size;
  }

  // Zeros everywhere, once for all samples; fill() then leaves the padding as it is.
  void clear(float* frame) const { std::fill_n(frame, sample_size(), 0.0f); }
  // source: (channels,H,W)
  void fill(const float* source, float* frame) const;

 private:
  template <int kStep>
  void fill_split(const float* source, float* frame) const;

  Axis y_;
  Axis x_;
  int channels_;
  int columns_;  // of one phase
  std::ptrdiff_t row_size_;
  std::ptrdiff_t channel_size_;
  std::array<std::ptrdiff_t, kMaxKernel> tap_x_;
};

inline constexpr std::ptrdiff_t kFrameSlack = 16;

}  // namespace weightroom::nn::kernels
