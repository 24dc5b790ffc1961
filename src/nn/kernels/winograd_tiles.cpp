#include "nn/kernels/winograd_tiles.h"

namespace weightroom::nn::kernels::winograd {
namespace {

constexpr int kWidth = static_cast<int>(kLanes);

struct PixelTransform {
  static constexpr int kSide = kWindow;
  static void apply(const Points<FloatTag>& points, const FloatVec* x, FloatVec* values, int step) {
    points.pixels(x, 1, values, step);
  }
};

struct GradientTransform {
  static constexpr int kSide = kTile;
  static void apply(const Points<FloatTag>& points, const FloatVec* x, FloatVec* values, int step) {
    points.taps<kTile>(x, 1, values, step);
  }
};

// The windows of kLanes neighbouring tiles: lane l is that of tile l.
template <class Transform>
HWY_INLINE void transform_window(const Frame& frame, const float* window, float* values, std::ptrdiff_t value_step) {
  constexpr int kSide = Transform::kSide;
  const FloatTag d;
  const Points<FloatTag> points{d};
  FloatVec half[kPoints * kSide];
  for (int j = 0; j < kSide; ++j) {
    FloatVec column[kSide];
    for (int i = 0; i < kSide; ++i) column[i] = hn::LoadU(d, window + frame.tap(0, i, j));
    Transform::apply(points, column, half + j, kSide);
  }
  for (int p = 0; p < kPoints; ++p) {
    FloatVec row[kPoints];
    Transform::apply(points, half + p * kSide, row, 1);
    for (int q = 0; q < kPoints; ++q, values += value_step) hn::StoreU(row[q], d, values);
  }
}

template <class Transform>
void transform(const Tiles& tiles, const Band& band, const Frame& frame, const float* source,
               std::ptrdiff_t sample_step, int channels, float* scratch, const Matrices& to, float* values) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(frame.y().size) * frame.x().size;
  frame.clear(scratch);
  for (int c = 0; c < channels; ++c) {
    float* column = values + c * to.row_step;
    for (int n = 0; n < band.samples; ++n) {
      frame.fill(source + n * sample_step + c * plane, scratch);
      for (int t = 0; t < band.rows; ++t, column += tiles.across()) {
        const float* row = scratch + t * frame.output_row_step();
        // What is too much lands on columns that a later row, channel or nobody reads.
        for (int u = 0; u < tiles.across(); u += kWidth) {
          transform_window<Transform>(frame, row + u, column + u, to.value_step);
        }
      }
    }
  }
}

}  // namespace

Tiles::Tiles(const Axis& y, const Axis& x, int samples, int most)
    : y_(y),
      x_(x),
      samples_(samples),
      across_((x.outputs + kTile - 1) / kTile),
      down_((y.outputs + kTile - 1) / kTile),
      rows_together_(std::clamp(most / across_, 1, down_)),
      samples_together_(rows_together_ < down_ ? 1 : std::clamp(most / (across_ * down_), 1, samples)) {
  const int over = across_ % kWidth == 0 ? 0 : kWidth - 1;
  const int columns = samples_together_ * rows_together_ * across_ + over;
  pitch_ = (columns + kWidth - 1) / kWidth * kWidth;
}

Band Tiles::at(int sample, int row) const {
  Band band{.sample = sample, .row = row};
  band.samples = std::min(samples_together_, samples_ - sample);
  band.rows = std::min(rows_together_, down_ - row);
  band.columns = band.samples * band.rows * across_;
  return band;
}

Frame Tiles::frame(const Band& band, int taps) const {
  Axis y = y_;
  Axis x = x_;
  for (Axis* axis : {&y, &x}) {
    axis->first = axis->low();
    axis->taps = taps;
    axis->spacing = 1;
    axis->step = kTile;
  }
  if (taps == kTile) {
    y.first = x.first = 0;
    y.size = y_.outputs;
    x.size = x_.outputs;
  }
  y.first += band.row * kTile;
  y.outputs = band.rows;
  x.outputs = across_;
  return Frame(y, x, 1);
}

void transform_pixels(const Tiles& tiles, const Band& band, const float* source, std::ptrdiff_t sample_step,
                      int channels, float* scratch, const Matrices& to, float* values) {
  transform<PixelTransform>(tiles, band, tiles.windows(band), source, sample_step, channels, scratch, to, values);
}

void transform_gradients(const Tiles& tiles, const Band& band, const float* d_y, std::ptrdiff_t sample_step,
                         int channels, float* scratch, const Matrices& to, float* values) {
  transform<GradientTransform>(tiles, band, tiles.outputs(band), d_y, sample_step, channels, scratch, to, values);
}

}  // namespace weightroom::nn::kernels::winograd
