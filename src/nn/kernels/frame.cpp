#include "nn/kernels/frame.h"

#include "base/check.h"
#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {

Frame::Frame(const Axis& y, const Axis& x, int channels) : y_(y), x_(x), channels_(channels) {
  CHECK(y.taps <= kMaxKernel && x.taps <= kMaxKernel);
  if (x.outputs == 1) x_.step = 1;  // however long a stride is, it is not taken
  if (y.outputs == 1) y_.step = 1;
  columns_ = (x.extent() - 1) / x_.step + 1;
  row_size_ = static_cast<std::ptrdiff_t>(columns_) * x_.step;
  channel_size_ = row_size_ * y.extent();
  for (int j = 0; j < x.taps; ++j) {
    const int at = x.first + j * x.spacing - x.low();
    tap_x_[static_cast<std::size_t>(j)] = static_cast<std::ptrdiff_t>(at % x_.step) * columns_ + at / x_.step;
  }
}

void Frame::fill(const float* source, float* frame) const {
  const int first_row = std::max(0, y_.low());
  const int end_row = std::min(y_.size, y_.high() + 1);
  for (int phase = 0; phase < x_.step; ++phase) {
    // Columns q with 0 <= q step + shift < size.
    const int shift = phase + x_.low();
    const int begin = shift >= 0 ? 0 : std::min(columns_, (-shift + x_.step - 1) / x_.step);
    const int end = shift >= x_.size ? begin : std::clamp((x_.size - shift + x_.step - 1) / x_.step, begin, columns_);
    const auto count = static_cast<std::size_t>(end - begin);
    const std::ptrdiff_t from_shift = shift + static_cast<std::ptrdiff_t>(begin) * x_.step;
    for (int c = 0; c < channels_; ++c) {
      const float* from = source + (static_cast<std::ptrdiff_t>(c) * y_.size + first_row) * x_.size + from_shift;
      float* to = frame + c * channel_size_ + (first_row - y_.low()) * row_size_ +
                  static_cast<std::ptrdiff_t>(phase) * columns_ + begin;
      for (int y = first_row; y < end_row; ++y, from += x_.size, to += row_size_) {
        if (x_.step == 1) {
          map(count, to, [from](auto d, std::size_t i) { return hn::LoadU(d, from + i); });
        } else {
          for (std::size_t q = 0; q < count; ++q) to[q] = from[q * static_cast<std::size_t>(x_.step)];
        }
      }
    }
  }
}

}  // namespace weightroom::nn::kernels
