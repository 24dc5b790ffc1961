#include "nn/kernels/conv_weight.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/tile.h"
#include "nn/kernels/transpose.h"
#include "nn/kernels/winograd_tiles.h"

// F(3 x 3, 4 x 4): the gradient of 3 x 3 weights is a correlation of the source's tiles with the 4 x 4 gradients of
// their outputs, summed over all tiles. The sum goes before the way back from the six points, so that is walked once.
namespace weightroom::nn::kernels {
namespace {

using namespace winograd;

constexpr int kWidth = static_cast<int>(kLanes);
constexpr std::ptrdiff_t kBandFloats = 1 << 17;  // of a band's pixels and gradients at six points: 512 KB
constexpr int kFewTiles = 16;                    // of a band, below which sums are read and written too often
constexpr std::ptrdiff_t kSumFloats = 3 << 16;   // of sums at a time: 768 KB

struct Sizes {
  int channels;
  int outputs;
  int panel;               // channels at a time
  std::ptrdiff_t columns;  // the panel, rounded up
  Tiles tiles;
  Matrices pixels;     // (36, panel, pitch)
  Matrices turned;     // (36, pitch, columns)
  Matrices gradients;  // (36, outputs, pitch)
  Matrices sums;       // (36, outputs, columns)

  explicit Sizes(const Frame& frame, int samples, int outputs_)
      : channels(frame.channels()),
        outputs(outputs_),
        panel(static_cast<int>(std::clamp<std::ptrdiff_t>(kSumFloats / (kValues * outputs), 1, channels))),
        columns(whole_vectors(panel)),
        tiles(frame.y(), frame.x(), samples,
              std::max(kFewTiles, static_cast<int>(kBandFloats / (kValues * (outputs + panel))))),
        pixels(panel, tiles.pitch()),
        turned(tiles.pitch(), columns),
        gradients(outputs, tiles.pitch()),
        sums(outputs, columns) {}
  [[nodiscard]] std::ptrdiff_t floats() const {
    return pixels.size() + turned.size() + gradients.size() + sums.size() + 2 * kKernel * columns + tiles.frame_size();
  }
};

// sums (+)= gradients turned^T over the band's tiles, for each of the 36 values.
void multiply(const Sizes& s, const Band& band, int panel, const float* gradients, const float* turned, float* sums) {
  Tile tile;
  tile.inner = band.columns;
  tile.b_stride = s.turned.row_step;
  tile.c_stride = s.sums.row_step;
  tile.start_from_c = band.sample > 0 || band.row > 0;
  const int blocks = (s.outputs + kTileRows - 1) / kTileRows;
  for (int k = 0; k < kValues; ++k) {
    for (int block = 0; block < blocks; ++block) {  // rows in blocks as equal as may be
      const Range some = part_of(s.outputs, block, blocks);
      const int row = some.first;
      const int rows = some.size();
      const float* a = gradients + k * s.gradients.value_step + row * s.gradients.row_step;
      for (int r = 0; r < rows; ++r) tile.a[static_cast<std::size_t>(r)] = a + r * s.gradients.row_step;
      tile.b = turned + k * s.turned.value_step;
      tile.c = sums + k * s.sums.value_step + row * s.sums.row_step;
      run_tiles(rows, whole_vectors(panel), tile);
    }
  }
}

// d_weight += what the sums come to. d_weight: (outputs, all channels, 3, 3) from the panel's first channel on.
void add_weights(const Sizes& s, int panel, const float* sums, float* scratch, float* d_weight) {
  const FloatTag d;
  const Points<FloatTag> points{d};
  float* planes = scratch;                        // (9, columns)
  float* kernels = planes + kKernel * s.columns;  // (panel, 9)
  for (int o = 0; o < s.outputs; ++o) {
    for (std::ptrdiff_t c = 0; c < panel; c += kWidth) {
      FloatVec half[kTaps * kPoints];
      const float* from = sums + o * s.sums.row_step + c;
      for (int p = 0; p < kPoints; ++p) {
        FloatVec values[kPoints];
        for (int q = 0; q < kPoints; ++q, from += s.sums.value_step) values[q] = hn::LoadU(d, from);
        points.outputs<kTaps>(values, 1, half + p, kPoints);
      }
      for (int j = 0; j < kTaps; ++j) {
        FloatVec column[kTaps];
        points.outputs<kTaps>(half + j * kPoints, 1, column, 1);
        for (int i = 0; i < kTaps; ++i) hn::StoreU(column[i], d, planes + (i * kTaps + j) * s.columns + c);
      }
    }
    transpose(planes, s.columns, kKernel, panel, kernels, kKernel);
    const auto count = static_cast<std::size_t>(panel) * kKernel;
    accumulate({kernels, count}, {d_weight + o * s.channels * kKernel, count});
  }
}

}  // namespace

std::size_t winograd_weight_workspace(const Frame& frame, int samples, int outputs) {
  return static_cast<std::size_t>(Sizes(frame, samples, outputs).floats());
}

// A band of tiles each, of one panel of channels after another.
int winograd_weight_units(const Frame& frame, int samples, int outputs, Range some) {
  const Sizes s(frame, samples, outputs);
  return (some.size() + s.panel - 1) / s.panel * s.tiles.bands();
}

void winograd_backward_weight(const Frame& frame, int samples, int outputs, Range some, Range units, const float* x,
                              std::ptrdiff_t x_step, const float* d_y, std::ptrdiff_t d_y_step, float* d_weight,
                              float* workspace) {
  const Sizes s(frame, samples, outputs);
  float* pixels = workspace;
  float* turned = pixels + s.pixels.size();
  float* gradients = turned + s.turned.size();
  float* sums = gradients + s.gradients.size();
  float* scratch = sums + s.sums.size();
  float* windows = scratch + 2 * kKernel * s.columns;
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(frame.y().size) * frame.x().size;
  for_pieces(units, s.tiles.bands(), [&](int piece, Range bands) {
    const int first = some.first + piece * s.panel;
    const int panel = std::min(s.panel, some.end - first);
    for (int index = bands.first; index < bands.end; ++index) {
      const Band band = s.tiles.band(index);
      transform_pixels(s.tiles, band, x + band.sample * x_step + first * plane, x_step, panel, windows, s.pixels,
                       pixels);
      transform_gradients(s.tiles, band, d_y + band.sample * d_y_step, d_y_step, outputs, windows, s.gradients,
                          gradients);
      for (int k = 0; k < kValues; ++k) {
        transpose(pixels + k * s.pixels.value_step, s.pixels.row_step, panel, band.columns,
                  turned + k * s.turned.value_step, s.turned.row_step);
      }
      multiply(s, band, panel, gradients, turned, sums);
    }
    if (bands.end == s.tiles.bands()) add_weights(s, panel, sums, scratch, d_weight + first * kKernel);
  });
}

}  // namespace weightroom::nn::kernels
