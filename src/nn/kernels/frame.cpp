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
  if (x_.step == 2) return fill_split<2>(source, frame);
  if (x_.step == 4) return fill_split<4>(source, frame);
  const int first_row = std::max(0, y_.low());
  const int end_row = std::min(y_.size, y_.high() + 1);
  for (int phase = 0; phase < x_.step; ++phase) {
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

// All phases of a row at once: pixel x of the source goes to phase (x - low) % kStep, column (x - low) / kStep.
template <int kStep>
void Frame::fill_split(const float* source, float* frame) const {
  constexpr int kWidth = static_cast<int>(kLanes);
  const FloatTag d;
  const int first_x = std::max(0, x_.low());
  const int pixels = std::max(0, std::min(x_.size, x_.high() + 1) - first_x);
  const int groups = pixels / kStep;
  const auto place = [this, first_x](int x) {
    const int at = first_x + x - x_.low();
    return static_cast<std::ptrdiff_t>(at % kStep) * columns_ + at / kStep;
  };
  const std::array<std::ptrdiff_t, 4> places{place(0), place(1), place(2), place(3)};
  const auto split = [d, places](const float* from, float* to) {
    FloatVec v[4];
    if constexpr (kStep == 2) {
      hn::LoadInterleaved2(d, from, v[0], v[1]);
    } else {
      hn::LoadInterleaved4(d, from, v[0], v[1], v[2], v[3]);
    }
    for (int i = 0; i < kStep; ++i) hn::StoreU(v[i], d, to + places[static_cast<std::size_t>(i)]);
  };
  const int first_row = std::max(0, y_.low());
  const int end_row = std::min(y_.size, y_.high() + 1);
  for (int c = 0; c < channels_; ++c) {
    const float* from = source + (static_cast<std::ptrdiff_t>(c) * y_.size + first_row) * x_.size + first_x;
    float* to = frame + c * channel_size_ + (first_row - y_.low()) * row_size_;
    for (int y = first_row; y < end_row; ++y, from += x_.size, to += row_size_) {
      int q = 0;
      for (; q + kWidth <= groups; q += kWidth) split(from + q * kStep, to + q);
      if (q < groups && q > 0) {  // the last vector goes over some pixels again
        split(from + (groups - kWidth) * kStep, to + groups - kWidth);
        q = groups;
      }
      for (int x = q * kStep; x < pixels; ++x) to[place(x)] = from[x];
    }
  }
}

}  // namespace weightroom::nn::kernels
