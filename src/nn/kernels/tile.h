#pragma once

#include <array>
#include <cstddef>

#include "nn/kernels/simd.h"

// The one inner loop of every matrix product here: a tile of kTileRows x kTileColumns of C, held in
// registers.
//   c[r][j] = start + sum over k, ascending, of a[r][k] * b[k][j]
// Lanes go across j, and each c[r][j] is one chain of multiplies and adds in the order of k: the
// same bits on every target, whatever the tile it falls into.
namespace weightroom::nn::kernels {

inline constexpr int kTileRows = 4;  // 6 x 2 vectors are 12 of the 16 registers of AVX2
inline constexpr int kTileVectors = 2;
inline constexpr int kTileColumns = kTileVectors * static_cast<int>(kLanes);

struct Tile {
  // Row r of A is read at a[r][0 .. inner), then, `outer` times in all, again `a_step` further on.
  std::array<const float*, kTileRows> a{};
  std::ptrdiff_t outer = 1;
  std::ptrdiff_t inner = 0;
  std::ptrdiff_t a_step = 0;
  const float* b = nullptr;  // row k at b + k b_stride: as many floats as the tile has columns
  std::ptrdiff_t b_stride = 0;
  float* c = nullptr;  // row r at c + r c_stride
  std::ptrdiff_t c_stride = 0;
  const float* bias = nullptr;  // the chain of row r starts at bias[r], ...
  bool start_from_c = false;    // ... or at what c holds, or at 0
  bool add_to_c = false;        // c += the finished chain, instead of c =
  std::ptrdiff_t across = 1;    // the whole again, so many times side by side, ...
  std::ptrdiff_t b_across = 0;  // ... b so many floats further on each time; 0: the tile's columns
};

template <int kRows, int kVectors>
void run_tile(const Tile& t) {
  const FloatTag d;
  constexpr std::ptrdiff_t kStep = static_cast<std::ptrdiff_t>(kLanes);
  const float* a[kRows];
  for (int r = 0; r < kRows; ++r) a[r] = t.a[static_cast<std::size_t>(r)];
  const std::ptrdiff_t b_stride = t.b_stride;
  const std::ptrdiff_t b_across = t.b_across == 0 ? kVectors * kStep : t.b_across;
  for (std::ptrdiff_t x = 0; x < t.across; ++x) {
    const float* HWY_RESTRICT b = t.b + x * b_across;
    float* c = t.c + x * kVectors * kStep;
    FloatVec acc[kRows][kVectors];
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        acc[r][v] = t.bias != nullptr ? hn::Set(d, t.bias[r])
                    : t.start_from_c  ? hn::LoadU(d, c + r * t.c_stride + v * kStep)
                                      : hn::Zero(d);
      }
    }
    std::ptrdiff_t start = 0;
    for (std::ptrdiff_t line = 0; line < t.outer; ++line, start += t.a_step) {
      const std::ptrdiff_t end = start + t.inner;
      for (std::ptrdiff_t k = start; k < end; ++k, b += b_stride) {
        FloatVec column[kVectors];
        for (int v = 0; v < kVectors; ++v) column[v] = hn::LoadU(d, b + v * kStep);
        for (int r = 0; r < kRows; ++r) {
          const auto row = hn::Set(d, a[r][k]);
          for (int v = 0; v < kVectors; ++v) acc[r][v] = hn::Add(acc[r][v], hn::Mul(row, column[v]));
        }
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        float* to = c + r * t.c_stride + v * kStep;
        hn::StoreU(t.add_to_c ? hn::Add(hn::LoadU(d, to), acc[r][v]) : acc[r][v], d, to);
      }
    }
  }
}

// 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
void run_tile(int rows, int vectors, const Tile& t);

// So many columns, in whole vectors: tiles side by side, and what is left.
void run_tiles(int rows, std::ptrdiff_t columns, const Tile& t);

}  // namespace weightroom::nn::kernels
