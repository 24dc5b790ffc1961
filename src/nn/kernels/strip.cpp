#include "nn/kernels/strip.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::nn::kernels {
namespace {

// Once, at so many floats behind b and c.
template <int kRows, int kVectors>
HWY_INLINE void run_at(const Strip& s, std::ptrdiff_t b_shift, std::ptrdiff_t c_shift) {
  const FloatTag d;
  FloatVec acc[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) acc[r][v] = s.bias != nullptr ? hn::Set(d, s.bias[r]) : hn::Zero(d);
  }
  const float* a[kRows];
  for (int r = 0; r < kRows; ++r) a[r] = s.a[static_cast<std::size_t>(r)];
  const float* b[kVectors];
  for (int v = 0; v < kVectors; ++v) b[v] = s.b[static_cast<std::size_t>(v)] + b_shift;
  const int* taps = s.taps;
  std::ptrdiff_t start = 0;
  for (int left = s.depth; left > 0; left -= s.period, start += s.period_step) {
    const std::ptrdiff_t inner = std::min(left, s.period);
    for (std::ptrdiff_t k = 0; k < inner; ++k) {
      const std::ptrdiff_t tap = start + taps[k];
      FloatVec column[kVectors];
      for (int v = 0; v < kVectors; ++v) column[v] = hn::LoadU(d, b[v] + tap);
      for (int r = 0; r < kRows; ++r) {
        const auto row = hn::Set(d, a[r][k]);
        for (int v = 0; v < kVectors; ++v) acc[r][v] = hn::Add(acc[r][v], hn::Mul(row, column[v]));
      }
    }
    for (int r = 0; r < kRows; ++r) a[r] += inner;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) {
      float* c = s.c[static_cast<std::size_t>(v)] + c_shift + r * s.c_stride;
      hn::StoreU(s.add_to_c ? hn::Add(hn::LoadU(d, c), acc[r][v]) : acc[r][v], d, c);
    }
  }
}

template <int kRows, int kVectors>
void run(const Strip& s) {
  for (int y = 0; y < s.down; ++y) {
    for (int x = 0; x < s.across; ++x) {
      const std::ptrdiff_t shift = static_cast<std::ptrdiff_t>(x) * kVectors * static_cast<std::ptrdiff_t>(kLanes);
      run_at<kRows, kVectors>(s, y * s.b_down + shift, y * s.c_down + shift);
    }
  }
}

}  // namespace

void run_strip(int rows, int vectors, const Strip& s) {
  static_assert(kTileRows <= 6 && kTileVectors == 2);
  CHECK(vectors >= 1 && vectors <= kTileVectors);
  const bool wide = vectors == 2;
  switch (rows) {
    case 1:
      return wide ? run<1, 2>(s) : run<1, 1>(s);
    case 2:
      return wide ? run<2, 2>(s) : run<2, 1>(s);
    case 3:
      return wide ? run<3, 2>(s) : run<3, 1>(s);
    case 4:
      return wide ? run<4, 2>(s) : run<4, 1>(s);
    case 5:
      return wide ? run<5, 2>(s) : run<5, 1>(s);
    case 6:
      return wide ? run<6, 2>(s) : run<6, 1>(s);
    default:
      CHECK(false);
  }
}

}  // namespace weightroom::nn::kernels
