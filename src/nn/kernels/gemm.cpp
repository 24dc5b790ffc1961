#include "nn/kernels/gemm.h"

#include <algorithm>

#include "nn/kernels/scratch.h"
#include "nn/kernels/tile.h"

namespace weightroom::nn::kernels {
namespace {

std::ptrdiff_t row_step(const Product& p) { return p.b_step == 0 ? p.columns : p.b_step; }

// The last columns, fewer than a vector's lanes, padded with zeros: (depth, kLanes).
void pack_tail(const Product& p, std::ptrdiff_t first, float* panel) {
  const auto left = p.columns - first;
  for (std::ptrdiff_t k = 0; k < p.depth; ++k, panel += kLanes) {
    const float* from = p.b + k * row_step(p) + first;
    for (std::ptrdiff_t j = 0; j < static_cast<std::ptrdiff_t>(kLanes); ++j) panel[j] = j < left ? from[j] : 0.0f;
  }
}

void run_tail(const Product& p, int rows, std::ptrdiff_t first, Tile tile) {
  float buffer[kTileRows * kLanes] = {};
  float* c = tile.c;
  const auto left = p.columns - first;
  for (std::ptrdiff_t r = 0; r < rows && p.start_from_c; ++r) {
    for (std::ptrdiff_t j = 0; j < left; ++j)
      buffer[r * static_cast<std::ptrdiff_t>(kLanes) + j] = c[r * p.columns + j];
  }
  tile.c = buffer;
  tile.c_stride = static_cast<std::ptrdiff_t>(kLanes);
  tile.add_to_c = false;
  run_tile(rows, 1, tile);
  for (std::ptrdiff_t r = 0; r < rows; ++r, c += p.columns) {
    const float* from = buffer + r * static_cast<std::ptrdiff_t>(kLanes);
    for (std::ptrdiff_t j = 0; j < left; ++j) c[j] = p.add_to_c ? c[j] + from[j] : from[j];
  }
}

}  // namespace

std::size_t product_workspace(std::ptrdiff_t depth) { return static_cast<std::size_t>(depth) * kLanes; }

void product(const Product& p, float* workspace) {
  constexpr std::ptrdiff_t kVector = static_cast<std::ptrdiff_t>(kLanes);
  const std::ptrdiff_t blocks = (p.rows + kTileRows - 1) / kTileRows;
  Tile tile;
  tile.inner = p.depth;
  tile.c_stride = p.columns;
  tile.start_from_c = p.start_from_c;
  tile.add_to_c = p.add_to_c;
  for (std::ptrdiff_t first = 0; first < p.columns;) {
    const auto left = p.columns - first;
    const int vectors = left >= kTileColumns ? kTileVectors : 1;
    if (left < kVector) pack_tail(p, first, workspace);
    tile.b = left < kVector ? workspace : p.b + first;
    tile.b_stride = left < kVector ? kVector : row_step(p);
    for (std::ptrdiff_t block = 0; block < blocks; ++block) {
      const Range some = part_of(static_cast<int>(p.rows), static_cast<int>(block), static_cast<int>(blocks));
      const std::ptrdiff_t row = some.first;
      const int rows = some.size();
      for (int r = 0; r < rows; ++r) tile.a[static_cast<std::size_t>(r)] = p.a + (row + r) * p.depth;
      tile.bias = p.bias == nullptr ? nullptr : p.bias + row;
      tile.c = p.c + row * p.columns + first;
      if (left < kVector) {
        run_tail(p, rows, first, tile);
      } else {
        run_tile(rows, vectors, tile);
      }
    }
    first += vectors * kVector;
  }
}

}  // namespace weightroom::nn::kernels
