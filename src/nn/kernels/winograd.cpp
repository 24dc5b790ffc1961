#include <algorithm>

#include "nn/kernels/correlate.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/tile.h"
#include "nn/kernels/transpose.h"
#include "nn/kernels/winograd_tiles.h"

namespace weightroom::nn::kernels {
namespace {

using namespace winograd;

constexpr int kWidth = static_cast<int>(kLanes);
constexpr std::ptrdiff_t kBandFloats = 1 << 17;   // of a band's pixels at six points: 512 KB
constexpr int kFewTiles = 32;                     // of a band, below which transforming weights again costs too much
constexpr int kGroupRows = 32;                    // multiplied at a time
constexpr std::ptrdiff_t kPanelFloats = 1 << 18;  // of transformed weights at a time: 1 MB

struct Sizes {
  Tiles tiles;
  int channels;
  int rows;              // of the weights, all
  int panel_rows;        // of them transformed at a time
  std::ptrdiff_t depth;  // channels, rounded up
  Matrices pixels;       // (36, channels, pitch)
  Matrices weights;      // (36, panel_rows, depth)
  Matrices products;     // (36, kGroupRows, pitch)

  Sizes(const Frame& frame, int samples, int rows_)
      : tiles(frame.y(), frame.x(), samples,
              std::max<int>(kFewTiles, static_cast<int>(kBandFloats / (kValues * frame.channels())))),
        channels(frame.channels()),
        rows(rows_),
        depth(whole_vectors(channels)) {
    const auto most = static_cast<int>(std::min<std::ptrdiff_t>(rows, kPanelFloats / (kValues * depth)));
    panel_rows = most == rows ? rows : std::max(1, most / kGroupRows) * kGroupRows;
    pixels = Matrices(channels, tiles.pitch());
    weights = Matrices(panel_rows, depth);
    products = Matrices(std::min(rows, kGroupRows), tiles.pitch());
  }
  // Of transformed weights.
  [[nodiscard]] int panels() const { return (rows + panel_rows - 1) / panel_rows; }
  // A band of tiles and a panel each; what a band and a panel have been made into stays for those after it.
  [[nodiscard]] int units() const { return tiles.bands() * panels(); }
  [[nodiscard]] std::ptrdiff_t floats() const {
    return pixels.size() + weights.size() + products.size() + kKernel * depth + tiles.frame_size();
  }
};

class Winograd {
 public:
  Winograd(const Correlation& job, const Destination& to, float* workspace)
      : job_(job), to_(to), sizes_(job.frame, job.samples, job.rows) {
    pixels_ = workspace;
    weights_ = pixels_ + sizes_.pixels.size();
    products_ = weights_ + sizes_.weights.size();
    kernels_ = products_ + sizes_.products.size();
    frame_ = kernels_ + kKernel * sizes_.depth;
  }

  void run() {
    const Tiles& tiles = sizes_.tiles;
    const int panels = sizes_.panels();
    for_pieces(overlap(job_.units, 0, sizes_.units()), panels, [&](int index, Range some) {
      const Band band = tiles.band(index);
      if (some.first == 0)
        transform_pixels(tiles, band, job_.source + band.sample * job_.source_step, job_.source_step, sizes_.channels,
                         frame_, sizes_.pixels, pixels_);
      for (int panel = some.first; panel < some.end; ++panel) {
        const int first = panel * sizes_.panel_rows;
        const int rows = std::min(sizes_.panel_rows, sizes_.rows - first);
        if (index == 0 || panels > 1) transform_weights(first, rows);
        for (int row = 0; row < rows; row += kGroupRows) {
          const int count = std::min(kGroupRows, rows - row);
          multiply(row, count, band.columns);
          for (int r = 0; r < count; ++r) put(band, first + row + r, products_ + r * sizes_.products.row_step);
        }
      }
    });
  }

 private:
  // Rows [first, first + rows) of job.a, (rows, channels, 3, 3), at the six points of either axis.
  void transform_weights(int first, int rows) {
    const FloatTag d;
    const Points<FloatTag> points{d};
    const bool down = job_.frame.y().spacing > 0;
    const bool right = job_.frame.x().spacing > 0;
    for (int r = 0; r < rows; ++r) {
      const std::ptrdiff_t row_step = job_.a_row_step == 0 ? kKernel * sizes_.channels : job_.a_row_step;
      const std::ptrdiff_t channel_step = job_.a_channel_step == 0 ? kKernel : job_.a_channel_step;
      const float* a = job_.a + (first + r) * row_step;
      transpose(a, channel_step, sizes_.channels, kKernel, kernels_, sizes_.depth);
      for (std::ptrdiff_t c = 0; c < sizes_.channels; c += kWidth) {
        FloatVec half[kPoints * kTaps];
        for (int j = 0; j < kTaps; ++j) {
          FloatVec column[kTaps];
          for (int i = 0; i < kTaps; ++i) {
            const int tap = (down ? i : kTaps - 1 - i) * kTaps + (right ? j : kTaps - 1 - j);
            column[i] = hn::LoadU(d, kernels_ + tap * sizes_.depth + c);
          }
          points.taps<kTaps>(column, 1, half + j, kTaps);
        }
        float* to = weights_ + r * sizes_.weights.row_step + c;
        for (int p = 0; p < kPoints; ++p) {
          FloatVec row[kPoints];
          points.taps<kTaps>(half + p * kTaps, 1, row, 1);
          for (int q = 0; q < kPoints; ++q, to += sizes_.weights.value_step) hn::StoreU(row[q], d, to);
        }
      }
    }
  }

  // products = weights pixels, for each of the 36 values; one value at a time, so that its pixels stay in the first
  // cache for all rows.
  void multiply(int row, int rows, int columns) {
    Tile tile;
    tile.inner = sizes_.channels;
    tile.b_stride = sizes_.pixels.row_step;
    tile.c_stride = sizes_.products.row_step;
    const int blocks = (rows + kTileRows - 1) / kTileRows;
    for (int k = 0; k < kValues; ++k) {
      const float* a = weights_ + k * sizes_.weights.value_step + row * sizes_.weights.row_step;
      const float* b = pixels_ + k * sizes_.pixels.value_step;
      float* c = products_ + k * sizes_.products.value_step;
      for (int block = 0; block < blocks; ++block) {  // rows in blocks as equal as may be
        const Range some = part_of(rows, block, blocks);
        const int first_row = some.first;
        const int count = some.size();
        for (int r = 0; r < count; ++r) {
          tile.a[static_cast<std::size_t>(r)] = a + (first_row + r) * sizes_.weights.row_step;
        }
        tile.b = b;
        tile.c = c + first_row * sizes_.products.row_step;
        run_tiles(count, columns, tile);
      }
    }
  }

  // Outputs of one row (channel) of the band, from products: value k of column c at k value_step + c.
  void put(const Band& band, int row, const float* products) const {
    const FloatTag d;
    const Points<FloatTag> points{d};
    const auto bias = hn::Set(d, job_.bias == nullptr ? 0.0F : job_.bias[row]);
    for (int first = 0; first < band.columns; first += kWidth, products += kWidth) {
      FloatVec half[kTile * kPoints];
      const float* from = products;
      for (int p = 0; p < kPoints; ++p) {
        FloatVec values[kPoints];
        for (int q = 0; q < kPoints; ++q, from += sizes_.products.value_step) values[q] = hn::LoadU(d, from);
        points.outputs<kTile>(values, 1, half + p, kPoints);
      }
      FloatVec outputs[kTile * kTile];  // (row, column) of a tile
      for (int j = 0; j < kTile; ++j) {
        points.outputs<kTile>(half + j * kPoints, 1, outputs + j, kTile);
        for (int i = 0; i < kTile; ++i) outputs[i * kTile + j] = hn::Add(outputs[i * kTile + j], bias);
      }
      put_tiles(band, row, first, outputs);
    }
  }

  // Lane l of `outputs` is column first + l.
  void put_tiles(const Band& band, int row, int first, const FloatVec* outputs) const {
    const FloatTag d;
    const int across = sizes_.tiles.across();
    const int count = std::min(kWidth, band.columns - first);
    float side[kTile][kTile * kLanes];  // (row of the tile, columns of tile after tile)
    for (int i = 0; i < kTile; ++i) {
      const FloatVec* v = outputs + i * kTile;
      hn::StoreInterleaved4(v[0], v[1], v[2], v[3], d, side[i]);
    }
    const int height = job_.frame.y().outputs;
    const int width = job_.frame.x().outputs;
    for (int lane = 0; lane < count;) {
      const int column = first + lane;
      const int u = column % across;
      const int t = band.row + column / across % band.rows;
      const int n = band.sample + column / across / band.rows;
      const int tiles = std::min(count - lane, across - u);  // side by side
      float* to = to_.data + n * to_.sample_step + row * to_.channel_step + t * kTile * to_.row_step +
                  u * kTile * to_.column_step;
      const int pixels = std::min(tiles * kTile, width - u * kTile);
      for (int i = 0; i < std::min(kTile, height - t * kTile); ++i, to += to_.row_step) {
        put_pixels(side[i] + lane * kTile, pixels, to);
      }
      lane += tiles;
    }
  }

  void put_pixels(const float* from, int pixels, float* to) const {
    if (to_.column_step == 1) {
      const hn::CappedTag<float, kTile> d;
      constexpr int kStep = static_cast<int>(hn::MaxLanes(hn::CappedTag<float, kTile>()));
      int i = 0;
      for (; i + kStep <= pixels; i += kStep) {
        const auto v = hn::LoadU(d, from + i);
        hn::StoreU(to_.add ? hn::Add(hn::LoadU(d, to + i), v) : v, d, to + i);
      }
      for (; i < pixels; ++i) to[i] = to_.add ? to[i] + from[i] : from[i];
    } else {
      for (int i = 0; i < pixels; ++i, to += to_.column_step) *to = to_.add ? *to + from[i] : from[i];
    }
  }

  const Correlation& job_;
  const Destination& to_;
  Sizes sizes_;
  float* pixels_;
  float* weights_;
  float* products_;
  float* kernels_;  // of one row: (9, depth)
  float* frame_;
};

}  // namespace

bool suits_winograd(const Frame& frame, int rows) {
  const auto fits = [](const Axis& axis) {
    return axis.taps == kTaps && axis.step == 1 && std::abs(axis.spacing) == 1;
  };
  if (!fits(frame.y()) || !fits(frame.x()) || frame.channels() < 8 || rows < 8) return false;
  const int across = (frame.x().outputs + kTile - 1) / kTile;
  const int down = (frame.y().outputs + kTile - 1) / kTile;
  return across * down >= 4;
}

std::size_t winograd_workspace(const Frame& frame, int samples, int rows) {
  return static_cast<std::size_t>(Sizes(frame, samples, rows).floats());
}

int winograd_units(const Correlation& job) { return Sizes(job.frame, job.samples, job.rows).units(); }

void correlate_winograd(const Correlation& job, const Destination& to, float* workspace) {
  Winograd(job, to, workspace).run();
}

}  // namespace weightroom::nn::kernels
