#include "nn/kernels/conv_weight.h"

#include <algorithm>
#include <array>

#include "nn/kernels/correlate.h"
#include "nn/kernels/tile.h"
#include "nn/kernels/transpose.h"

// d_weight[o][k] += sum over pixels p of d_y[o][p] * frame[tap k][p]. The reduction runs over
// pixels, so lanes go across output channels: d_y is laid down transposed, and the taps are read
// where they lie in the frame.
namespace weightroom::nn::kernels {
namespace {

constexpr int kBandPixels = 256;     // their transposed d_y, 16 KB a tile, stays in the first cache
constexpr int kSumFloats = 1 << 17;  // of d_weight at a time: 512 KB, to stay in the second
constexpr int kReduceOutputs = 2;    // channels a group, up to which lanes go across pixels instead

struct Sizes {
  int channels, outputs;          // of one group
  std::ptrdiff_t taps, products;  // kH kW, times channels
  std::ptrdiff_t pixels;          // of an output plane
  int band_rows, bands;
  std::ptrdiff_t columns;  // outputs, rounded up to whole vectors
  int channels_together;

  explicit Sizes(const Conv& v)
      : channels(v.in_channels / v.groups),
        outputs(v.out_channels / v.groups),
        taps(static_cast<std::ptrdiff_t>(v.kernel_y) * v.kernel_x),
        products(taps * channels),
        pixels(static_cast<std::ptrdiff_t>(v.out_height) * v.out_width),
        band_rows(std::clamp(kBandPixels / v.out_width, 1, v.out_height)),
        bands((v.out_height + band_rows - 1) / band_rows),
        columns((outputs + static_cast<int>(kLanes) - 1) / static_cast<int>(kLanes) * static_cast<int>(kLanes)),
        channels_together(static_cast<int>(std::clamp<std::ptrdiff_t>(kSumFloats / (taps * columns), 1, channels))) {}
};

// One band of d_y, transposed: tile after tile of columns, each (pixels, columns of the tile);
// zeros past `outputs`.
void transpose_band(const Sizes& s, const float* d_y, std::ptrdiff_t pixels, float* band) {
  for (std::ptrdiff_t first = 0; first < s.columns; first += kTileColumns) {
    const auto width = std::min<std::ptrdiff_t>(kTileColumns, s.columns - first);
    const auto used = std::min(width, s.outputs - first);
    transpose(d_y + first * s.pixels, s.pixels, used, pixels, band, width);
    if (used < width) {
      for (std::ptrdiff_t p = 0; p < pixels; ++p) std::fill(band + p * width + used, band + (p + 1) * width, 0.0f);
    }
    band += pixels * width;
  }
}

// Counts through the taps of a frame in the order of weights: kernel column first, channel last.
class TapWalk {
 public:
  explicit TapWalk(const Frame& frame) : frame_(frame) {}
  std::ptrdiff_t next() {
    const auto tap = frame_.tap(c_, i_, j_);
    if (++j_ == frame_.x().taps) {
      j_ = 0;
      if (++i_ == frame_.y().taps) {
        i_ = 0;
        ++c_;
      }
    }
    return tap;
  }

 private:
  const Frame& frame_;
  int c_ = 0, i_ = 0, j_ = 0;
};

// Adds one band's gradient to sums: (products, columns).
void add_band(const Sizes& s, const Frame& frame, const float* source, const float* band, int rows, float* sums) {
  Tile tile;
  tile.outer = rows;
  tile.inner = frame.x().outputs;
  tile.a_step = frame.output_row_step();
  tile.c_stride = s.columns;
  tile.add_to_c = true;
  TapWalk walk(frame);
  const std::ptrdiff_t products = frame.channels() * s.taps;
  for (std::ptrdiff_t k = 0; k < products;) {
    const auto rest = products - k;
    // The last two blocks share what is left evenly.
    const auto taps =
        rest > kTileRows && rest < 2 * kTileRows ? (rest + 1) / 2 : std::min<std::ptrdiff_t>(rest, kTileRows);
    for (std::ptrdiff_t r = 0; r < taps; ++r) tile.a[static_cast<std::size_t>(r)] = source + walk.next();
    for (std::ptrdiff_t first = 0; first < s.columns; first += kTileColumns) {
      const auto width = std::min<std::ptrdiff_t>(kTileColumns, s.columns - first);
      tile.b = band + first * rows * tile.inner;
      tile.b_stride = width;
      tile.c = sums + k * s.columns + first;
      run_tile(static_cast<int>(taps), static_cast<int>(width) / static_cast<int>(kLanes), tile);
    }
    k += taps;
  }
}

// Some channels of one group; units: bands of one sample after another. d_weight: (O, C/G, kH, kW) from the first of
// those channels on.
void backward_channels(const Conv& v, const Sizes& s, Range units, const Frame& frame, const float* x, const float* d_y,
                       float* d_weight, float* workspace) {
  const std::ptrdiff_t products = frame.channels() * s.taps;
  float* sums = workspace;                    // (products, columns): d_weight transposed
  float* band = sums + products * s.columns;  // (band pixels, columns)
  float* source = band + s.band_rows * static_cast<std::ptrdiff_t>(v.out_width) * s.columns;
  if (units.first == 0) {
    if (s.columns > s.outputs) std::fill(sums, sums + products * s.columns, 0.0f);
    transpose(d_weight, s.products, s.outputs, products, sums, s.columns);
    frame.clear(source);
  }
  for_pieces(units, s.bands, [&](int n, Range bands) {
    if (bands.first == 0)
      frame.fill(x + static_cast<std::ptrdiff_t>(n) * v.in_channels * v.in_height * v.in_width, source);
    for (int t = bands.first * s.band_rows; t < std::min(bands.end * s.band_rows, v.out_height); t += s.band_rows) {
      const int rows = std::min(s.band_rows, v.out_height - t);
      const std::ptrdiff_t row = n * v.out_channels * s.pixels + static_cast<std::ptrdiff_t>(t) * v.out_width;
      transpose_band(s, d_y + row, static_cast<std::ptrdiff_t>(rows) * v.out_width, band);
      add_band(s, frame, source + t * frame.output_row_step(), band, rows, sums);
    }
  });
  if (units.end == s.bands * v.batch) transpose(sums, s.columns, products, s.outputs, d_weight, s.products);
}

int backward_group_units(const Conv& v, const Sizes& s, Range channels) {
  return (channels.size() + s.channels_together - 1) / s.channels_together * s.bands * v.batch;
}

// Some input channels of one group.
void backward_group(const Conv& v, const Sizes& s, Range channels, Range units, const float* x, const float* d_y,
                    float* d_weight, float* workspace) {
  for_pieces(units, s.bands * v.batch, [&](int piece, Range some) {
    const int first = channels.first + piece * s.channels_together;
    const Frame frame = forward_frame(v, std::min(s.channels_together, channels.end - first));
    backward_channels(v, s, some, frame, x + static_cast<std::ptrdiff_t>(first) * v.in_height * v.in_width, d_y,
                      d_weight + first * s.taps, workspace);
  });
}

// sums[k] += sum over the plane of d_y[t][u] sources[k][t][u], eight virtual lanes by u % 8.
// Several at a time, since one alone waits for its additions. What is left of a row goes in vectors too, whose other
// lanes count for nothing: a source may be read past its rows (kFrameSlack), d_y up to its end.
template <int kSums>
void add_plane_dots(const float* d_y, std::array<const float*, kSums> sources, std::ptrdiff_t source_step, int rows,
                    int columns, float* sums) {
  const ReduceTag d;
  constexpr std::size_t kParts = kVirtualLanes / kReduceLanes;
  ReduceVec parts[kSums][kParts];
  for (auto& row : parts) {
    for (auto& part : row) part = hn::Zero(d);
  }
  const auto width = static_cast<std::size_t>(columns);
  const std::size_t left = width % kVirtualLanes;
  const float* end = d_y + static_cast<std::size_t>(rows) * width;
  std::array<float, kVirtualLanes> last{};
  hn::Mask<ReduceTag> used[kParts];
  for (std::size_t p = 0; p < kParts; ++p)
    used[p] = hn::FirstN(d, left > p * kReduceLanes ? std::min(kReduceLanes, left - p * kReduceLanes) : 0);
  for (int t = 0; t < rows; ++t, d_y += columns) {
    std::size_t u = 0;
    for (; u + kVirtualLanes <= width; u += kVirtualLanes) {
      for (std::size_t p = 0; p < kParts; ++p) {
        const auto gradient = hn::LoadU(d, d_y + u + p * kReduceLanes);
        for (std::size_t k = 0; k < kSums; ++k) {
          parts[k][p] = hn::Add(parts[k][p], hn::Mul(gradient, hn::LoadU(d, sources[k] + u + p * kReduceLanes)));
        }
      }
    }
    const float* rest = d_y + u;
    if (end - rest < static_cast<std::ptrdiff_t>(kVirtualLanes)) {
      std::copy_n(rest, left, last.begin());
      rest = last.data();
    }
    for (std::size_t p = 0; p * kReduceLanes < left; ++p) {
      const auto gradient = hn::LoadU(d, rest + p * kReduceLanes);
      for (std::size_t k = 0; k < kSums; ++k) {
        const auto product = hn::Mul(gradient, hn::LoadU(d, sources[k] + u + p * kReduceLanes));
        parts[k][p] = hn::Add(parts[k][p], hn::IfThenElseZero(used[p], product));
      }
    }
    for (auto& source : sources) source += source_step;
  }
  for (std::size_t k = 0; k < kSums; ++k) {
    float lanes[kVirtualLanes];
    for (std::size_t p = 0; p < kParts; ++p) hn::StoreU(parts[k][p], d, lanes + p * kReduceLanes);
    sums[k] += tree_sum(lanes);
  }
}

// Dot products for every weight, some at a time.
constexpr int kDots = 3;
int dot_units(const Sizes& s) { return static_cast<int>((s.products + kDots - 1) / kDots); }

// One output channel and sample.
void add_dots(const Sizes& s, Range units, const Frame& frame, const float* source, const float* d_y, float* d_weight) {
  const int rows = frame.y().outputs;
  const int columns = frame.x().outputs;
  TapWalk walk(frame);
  const auto next = [&] { return source + walk.next(); };
  std::ptrdiff_t k = 0;
  for (; k < static_cast<std::ptrdiff_t>(units.first) * kDots; ++k) walk.next();
  const std::ptrdiff_t end = std::min<std::ptrdiff_t>(s.products, static_cast<std::ptrdiff_t>(units.end) * kDots);
  for (; k + kDots <= end; k += kDots) {
    add_plane_dots<kDots>(d_y, {next(), next(), next()}, frame.output_row_step(), rows, columns, d_weight + k);
  }
  for (; k < end; ++k) add_plane_dots<1>(d_y, {next()}, frame.output_row_step(), rows, columns, d_weight + k);
}

// Few outputs a group (depthwise).
void reduce_group(const Conv& v, const Sizes& s, Range units, const Frame& frame, const float* x, const float* d_y,
                  float* d_weight, float* source) {
  if (units.first == 0) frame.clear(source);
  for_pieces(units, s.outputs * dot_units(s), [&](int n, Range dots) {
    if (dots.first == 0)
      frame.fill(x + static_cast<std::ptrdiff_t>(n) * v.in_channels * v.in_height * v.in_width, source);
    const float* gradients = d_y + n * v.out_channels * s.pixels;
    for_pieces(dots, dot_units(s), [&](int o, Range some) {
      add_dots(s, some, frame, source, gradients + o * s.pixels, d_weight + o * s.products);
    });
  });
}

}  // namespace

std::size_t conv_weight_workspace(const Conv& v) {
  const Sizes s(v);
  const Frame whole = forward_frame(v, s.channels);
  if (suits_winograd(whole, s.outputs)) return winograd_weight_workspace(whole, v.batch, s.outputs);
  if (s.outputs <= kReduceOutputs)
    return static_cast<std::size_t>(forward_frame(v, s.channels).sample_size() + kFrameSlack);
  const auto frame = forward_frame(v, s.channels_together).sample_size() + kFrameSlack;
  const auto rows = s.channels_together * s.taps + s.band_rows * static_cast<std::ptrdiff_t>(v.out_width);
  return static_cast<std::size_t>(frame + rows * s.columns);
}

void conv_backward_weight(const Conv& v, const float* x, const float* d_y, float* d_weight, const Scratch& scratch) {
  const Sizes s(v);
  const std::ptrdiff_t in_plane = static_cast<std::ptrdiff_t>(v.in_height) * v.in_width;
  const Frame frame = forward_frame(v, s.channels);
  const bool winograd = suits_winograd(frame, s.outputs);
  const bool reduce = !winograd && s.outputs <= kReduceOutputs;
  const int by_group = useful_threads(scratch, v.groups);
  const int by_channel = reduce ? 1 : std::clamp(scratch.threads / by_group, 1, s.channels);
  base::parallel_for(by_group * by_channel, scratch.threads, [&](int part) {
    const Range groups = part_of(v.groups, part % by_group, by_group);
    const Range channels = part_of(s.channels, part / by_group, by_channel);
    float* workspace = scratch.of(part);
    const int units = winograd ? winograd_weight_units(frame, v.batch, s.outputs, channels)
                      : reduce ? v.batch * s.outputs * dot_units(s)
                               : backward_group_units(v, s, channels);
    for_pieces(units_of(groups.size() * units, scratch.cut), units, [&](int piece, Range some) {
      const int g = groups.first + piece;
      const float* x_group = x + g * s.channels * in_plane;
      const float* d_y_group = d_y + g * s.outputs * s.pixels;
      float* d_weight_group = d_weight + g * s.outputs * s.products;
      if (winograd) {
        winograd_backward_weight(frame, v.batch, s.outputs, channels, some, x_group, v.in_channels * in_plane,
                                 d_y_group, v.out_channels * s.pixels, d_weight_group, workspace);
      } else if (reduce) {
        reduce_group(v, s, some, frame, x_group, d_y_group, d_weight_group, workspace);
      } else {
        backward_group(v, s, channels, some, x_group, d_y_group, d_weight_group, workspace);
      }
    });
  });
}

}  // namespace weightroom::nn::kernels
