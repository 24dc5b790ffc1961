#pragma once

#include "nn/kernels/frame.h"
#include "nn/kernels/winograd_points.h"

// What the passes of winograd.h share: the plane of a correlation is cut into tiles of 4 x 4 outputs, some of which, a
// band, are worked on at a time; a tile and channel becomes 6 x 6 values, each kept in a matrix of its own, so that the
// rest is 36 matrix products.
namespace weightroom::nn::kernels::winograd {

inline constexpr int kTaps = 3;                           // of a kernel along one axis
inline constexpr std::ptrdiff_t kKernel = kTaps * kTaps;  // weights
inline constexpr int kTile = 4;                           // outputs along one axis
inline constexpr int kWindow = kTile + 2;                 // pixels that they see
inline constexpr int kValues = kPoints * kPoints;         // matrices

// The least number of whole vectors' floats that is not below `floats`.
inline std::ptrdiff_t whole_vectors(std::ptrdiff_t floats) {
  constexpr auto kWidth = static_cast<std::ptrdiff_t>(kLanes);
  return (floats + kWidth - 1) / kWidth * kWidth;
}

// Where value k, row r, column c of 36 matrices lies: at k value_step + r row_step + c.
struct Matrices {
  std::ptrdiff_t value_step = 0;
  std::ptrdiff_t row_step = 0;

  Matrices() = default;
  // A line more than the rows need, for else 36 matrices of 4096 floats would share a few places of the cache.
  Matrices(std::ptrdiff_t rows, std::ptrdiff_t columns) : value_step(rows * columns + 16), row_step(columns) {}
  [[nodiscard]] std::ptrdiff_t size() const { return kValues * value_step; }
};

// Whole rows of tiles of one sample, or all tiles of several samples. Column ((n - sample) rows + t - row) across + u
// of its matrices is tile (t, u) of sample n.
struct Band {
  int sample = 0, samples = 0;
  int row = 0, rows = 0;
  int columns = 0;
};

class Tiles {
 public:
  // y, x: of the outputs, kernel 3, step 1. A band has at most so many tiles, unless one row of them is more.
  Tiles(const Axis& y, const Axis& x, int samples, int most);

  [[nodiscard]] int across() const { return across_; }
  [[nodiscard]] int down() const { return down_; }
  // Floats of a row of a band's matrices: room for whole vectors, and for one that starts at its last column.
  [[nodiscard]] std::ptrdiff_t pitch() const { return pitch_; }

  [[nodiscard]] int bands() const {
    return (samples_ + samples_together_ - 1) / samples_together_ * bands_of_a_sample();
  }
  [[nodiscard]] Band band(int index) const {
    return at(index / bands_of_a_sample() * samples_together_, index % bands_of_a_sample() * rows_together_);
  }

  // Frames of one channel that a band sees: windows of 6 pixels (the source), or the 4 of the tile itself.
  [[nodiscard]] Frame windows(const Band& band) const { return frame(band, kWindow); }
  [[nodiscard]] Frame outputs(const Band& band) const { return frame(band, kTile); }
  [[nodiscard]] std::ptrdiff_t frame_size() const { return windows(band(0)).sample_size() + kFrameSlack; }

 private:
  [[nodiscard]] int bands_of_a_sample() const { return (down_ + rows_together_ - 1) / rows_together_; }
  [[nodiscard]] Band at(int sample, int row) const;
  [[nodiscard]] Frame frame(const Band& band, int taps) const;

  Axis y_, x_;
  int samples_;
  int across_, down_;
  int rows_together_, samples_together_;
  std::ptrdiff_t pitch_;
};

// source: (samples, channels, H, W) of the band's samples, `sample_step` apart. values: (36, channels, pitch): the
// window of 6 x 6 pixels of each tile at the six points of either axis. scratch: frame_size().
void transform_pixels(const Tiles& tiles, const Band& band, const float* source, std::ptrdiff_t sample_step,
                      int channels, float* scratch, const Matrices& to, float* values);

// d_y: (samples, channels, P, Q). values: (36, channels, pitch): the 4 x 4 gradients of each tile, zero past the plane.
void transform_gradients(const Tiles& tiles, const Band& band, const float* d_y, std::ptrdiff_t sample_step,
                         int channels, float* scratch, const Matrices& to, float* values);

}  // namespace weightroom::nn::kernels::winograd
