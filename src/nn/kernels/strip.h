#pragma once

#include "nn/kernels/tile.h"

namespace weightroom::nn::kernels {

// A tile whose columns are read where they lie in a frame instead of from a packed panel: as many
// vectors of neighbouring pixels as there are in b. Chains and bits are those of a tile.
struct Strip {
  std::array<const float*, kTileRows> a{};  // row r: its `depth` weights, k ascending
  const int* taps = nullptr;                // product k < period reads b[v] + taps[k], ...
  int period = 0;
  std::ptrdiff_t period_step = 0;  // ... and product k + period so many floats behind product k
  int depth = 0;
  std::array<const float*, kTileVectors> b{};
  std::array<float*, kTileVectors> c{};  // vector v of row r goes to c[v] + r c_stride
  std::ptrdiff_t c_stride = 0;
  const float* bias = nullptr;
  bool add_to_c = false;
  // The whole again, across times side by side and that down times one output row below the other.
  int across = 1;
  int down = 1;
  std::ptrdiff_t b_down = 0;
  std::ptrdiff_t c_down = 0;
};

// 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
void run_strip(int rows, int vectors, const Strip& strip);

}  // namespace weightroom::nn::kernels
