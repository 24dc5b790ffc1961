#include "nn/kernels/conv_scatter.h"

#include <algorithm>

#include "nn/kernels/gemm.h"
#include "nn/kernels/transpose.h"

namespace weightroom::nn::kernels {
namespace {

constexpr int kFewChannels = 4;      // a group
constexpr int kBandPixels = 1 << 9;  // of d_y at a time: with 27 taps 54 KB

struct Sizes {
  int channels, outputs;  // of one group
  std::ptrdiff_t taps;    // of all channels
  std::ptrdiff_t in_plane, out_plane;
  int band_rows, bands;

  explicit Sizes(const Conv& v)
      : channels(v.in_channels / v.groups),
        outputs(v.out_channels / v.groups),
        taps(static_cast<std::ptrdiff_t>(channels) * v.kernel_y * v.kernel_x),
        in_plane(static_cast<std::ptrdiff_t>(v.in_height) * v.in_width),
        out_plane(static_cast<std::ptrdiff_t>(v.out_height) * v.out_width),
        band_rows(std::clamp(kBandPixels / v.out_width, 1, v.out_height)),
        bands((v.out_height + band_rows - 1) / band_rows) {}
};

// Adds one row of outputs of one tap: value u goes to column u stride + shift.
void add_row(const Conv& v, const float* values, int shift, float* row) {
  const int first = shift >= 0 ? 0 : (-shift + v.stride_x - 1) / v.stride_x;
  const int end = std::min(v.out_width, (v.in_width - shift + v.stride_x - 1) / v.stride_x);
  float* to = row + static_cast<std::ptrdiff_t>(first) * v.stride_x + shift;
  for (int u = first; u < end; ++u, to += v.stride_x) *to += values[u];
}

// given: (taps of some channels, rows of outputs from row t on)
void scatter(const Conv& v, const Sizes& s, Range channels, const float* given, int t, int rows, float* d_x) {
  for (int row = 0; row < rows; ++row) {
    const float* values = given + static_cast<std::ptrdiff_t>(row) * v.out_width;
    for (int c = channels.first; c < channels.end; ++c) {
      for (int i = 0; i < v.kernel_y; ++i) {
        const int y = (t + row) * v.stride_y + i * v.dilation_y - v.padding_y;
        for (int j = 0; j < v.kernel_x; ++j, values += static_cast<std::ptrdiff_t>(rows) * v.out_width) {
          if (y < 0 || y >= v.in_height) continue;
          add_row(v, values, j * v.dilation_x - v.padding_x,
                  d_x + c * s.in_plane + static_cast<std::ptrdiff_t>(y) * v.in_width);
        }
      }
    }
  }
}

}  // namespace

bool suits_scatter(const Conv& v) {
  // Beyond these, positions would not fit an int; nobody has such layers.
  constexpr int kFar = 1 << 20;
  const bool near = v.stride_x < kFar && v.stride_y < kFar && v.dilation_x < kFar && v.dilation_y < kFar;
  return near && v.in_channels / v.groups <= kFewChannels && v.out_channels / v.groups >= 8 &&
         v.stride_y * v.stride_x > 1 && v.kernel_y * v.kernel_x > 1;
}

std::size_t scatter_workspace(const Conv& v) {
  const Sizes s(v);
  const std::ptrdiff_t band = static_cast<std::ptrdiff_t>(s.band_rows) * v.out_width;
  return static_cast<std::size_t>(s.taps * (s.outputs + band)) + product_workspace(s.outputs);
}

void scatter_backward_input(const Conv& v, const float* weight, const float* d_y, float* d_x, const Scratch& scratch) {
  const Sizes s(v);
  const int by_sample = useful_threads(scratch, v.batch);
  const int by_channel = std::clamp(scratch.threads / by_sample, 1, s.channels);
  base::parallel_for(by_sample * by_channel, scratch.threads, [&](int part) {
    const Range samples = part_of(v.batch, part % by_sample, by_sample);
    const Range channels = part_of(s.channels, part / by_sample, by_channel);
    const std::ptrdiff_t channel_taps = s.taps / s.channels;
    const std::ptrdiff_t taps = channels.size() * channel_taps;
    float* turned = scratch.of(part);  // (taps, outputs)
    float* given = turned + taps * s.outputs;
    float* rest = given + taps * s.band_rows * v.out_width;
    Product product{.rows = taps, .depth = s.outputs, .a = turned, .b_step = s.out_plane, .c = given};
    const int units = samples.size() * s.bands;
    for_pieces(units_of(v.groups * units, scratch.cut), units, [&](int g, Range some) {
      if (some.first == 0)
        transpose(weight + g * s.outputs * s.taps + channels.first * channel_taps, s.taps, s.outputs, taps, turned,
                  s.outputs);
      for_pieces(some, s.bands, [&](int piece, Range bands) {
        const std::ptrdiff_t n = samples.first + piece;
        const float* gradients = d_y + (n * v.groups + g) * s.outputs * s.out_plane;
        float* pixels = d_x + (n * v.groups + g) * s.channels * s.in_plane;
        for (int t = bands.first * s.band_rows; t < std::min(bands.end * s.band_rows, v.out_height); t += s.band_rows) {
          const int rows = std::min(s.band_rows, v.out_height - t);
          product.b = gradients + static_cast<std::ptrdiff_t>(t) * v.out_width;
          product.columns = static_cast<std::ptrdiff_t>(rows) * v.out_width;
          kernels::product(product, rest);
          scatter(v, s, channels, given, t, rows, pixels);
        }
      });
    });
  });
}

}  // namespace weightroom::nn::kernels
