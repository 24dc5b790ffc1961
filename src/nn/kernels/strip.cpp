#include "nn/kernels/strip.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::nn::kernels {
namespace {

// kDown rows of the output at once, from so many floats behind b and c on.
template <int kDown, int kRows, int kVectors>
HWY_INLINE void run_at(const Strip& s, std::ptrdiff_t b_shift, std::ptrdiff_t c_shift) {
  const FloatTag d;
  FloatVec acc[kDown][kRows][kVectors];
  for (int y = 0; y < kDown; ++y) {
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) acc[y][r][v] = s.bias != nullptr ? hn::Set(d, s.bias[r]) : hn::Zero(d);
    }
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
      for (int y = 0; y < kDown; ++y) {
        FloatVec column[kVectors];
        for (int v = 0; v < kVectors; ++v) column[v] = hn::LoadU(d, b[v] + tap + y * s.b_down);
        for (int r = 0; r < kRows; ++r) {
          const auto row = hn::Set(d, a[r][k]);
          for (int v = 0; v < kVectors; ++v) acc[y][r][v] = hn::Add(acc[y][r][v], hn::Mul(row, column[v]));
        }
      }
    }
    for (int r = 0; r < kRows; ++r) a[r] += inner;
  }
  for (int y = 0; y < kDown; ++y) {
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) {
        float* c = s.c[static_cast<std::size_t>(v)] + c_shift + y * s.c_down + r * s.c_stride;
        hn::StoreU(s.add_to_c ? hn::Add(hn::LoadU(d, c), acc[y][r][v]) : acc[y][r][v], d, c);
      }
    }
  }
}

template <int kDown, int kRows, int kVectors>
HWY_INLINE void run_rows(const Strip& s, int y) {
  for (int x = 0; x < s.across; ++x) {
    const std::ptrdiff_t shift = static_cast<std::ptrdiff_t>(x) * kVectors * static_cast<std::ptrdiff_t>(kLanes);
    run_at<kDown, kRows, kVectors>(s, y * s.b_down + shift, y * s.c_down + shift);
  }
}

// An addition must wait for the one before it in its chain, about four steps: eight chains side by side keep both
// units of a processor busy. Of one or two rows, as depthwise layers have, several output rows together make them up.
template <int kRows, int kVectors>
void run(const Strip& s) {
  constexpr int kChains = 8;
  constexpr int kDown = kRows > 2 ? 1 : std::min(4, kChains / (kRows * kVectors));
  int y = 0;
  for (; y + kDown <= s.down; y += kDown) run_rows<kDown, kRows, kVectors>(s, y);
  for (; y < s.down; ++y) run_rows<1, kRows, kVectors>(s, y);
}

// Three by three weights of one channel, whose rows lie as far apart as the output's: a depthwise layer of stride 1, or
// (taps upwards) its gradient by the input.
bool shares_rows(const Strip& s, int vectors) {
  if (s.depth != 9 || s.period != 9 || s.down < 2) return false;
  const std::ptrdiff_t step = s.taps[3] - s.taps[0];
  if (step != s.b_down && step != -s.b_down) return false;
  for (int k = 3; k < 9; ++k) {
    if (s.taps[k] - s.taps[k - 3] != step) return false;
  }
  const auto next = [](auto* first, auto* second) { return second == first + kLanes; };
  return vectors == 1 || (next(s.b[0], s.b[1]) && next(s.c[0], s.c[1]));
}

// kDown rows of the output at once: each row of the input is loaded once for all of them that it is part of, where by
// themselves they would load most of it three times. Of each value the products still come tap by tap.
template <int kDown, bool kUpwards>
HWY_INLINE void run_shared(const Strip& s, int y, int columns) {
  const FloatTag d;
  FloatVec a[9];
  for (int k = 0; k < 9; ++k) a[k] = hn::Set(d, s.a[0][k]);
  const auto start = s.bias != nullptr ? hn::Set(d, *s.bias) : hn::Zero(d);
  const float* b = s.b[0] + y * s.b_down;
  float* c = s.c[0] + y * s.c_down;
  for (int x = 0; x < columns; ++x, b += kLanes, c += kLanes) {
    FloatVec acc[kDown];
    for (int r = 0; r < kDown; ++r) acc[r] = start;
    for (int step = 0; step < kDown + 2; ++step) {
      const int row = kUpwards ? kDown - 1 - step : step;
      for (int j = 0; j < 3; ++j) {
        const auto column = hn::LoadU(d, b + row * s.b_down + s.taps[j]);
        for (int r = 0; r < kDown; ++r) {
          const int i = kUpwards ? r - row : row - r;
          if (i >= 0 && i < 3) acc[r] = hn::Add(acc[r], hn::Mul(a[3 * i + j], column));
        }
      }
    }
    for (int r = 0; r < kDown; ++r) {
      float* to = c + r * s.c_down;
      hn::StoreU(s.add_to_c ? hn::Add(hn::LoadU(d, to), acc[r]) : acc[r], d, to);
    }
  }
}

template <bool kUpwards>
void run_all_shared(const Strip& s, int vectors) {
  const int columns = s.across * vectors;
  int y = 0;
  for (; y + 4 <= s.down; y += 4) run_shared<4, kUpwards>(s, y, columns);
  if (s.down - y >= 2) {
    run_shared<2, kUpwards>(s, y, columns);
    y += 2;
  }
  if (y < s.down) run_shared<1, kUpwards>(s, y, columns);
}

}  // namespace

void run_strip(int rows, int vectors, const Strip& s) {
  static_assert(kTileRows <= 6 && kTileVectors == 2);
  CHECK(vectors >= 1 && vectors <= kTileVectors);
  if (rows == 1 && shares_rows(s, vectors))
    return s.taps[3] < s.taps[0] ? run_all_shared<true>(s, vectors) : run_all_shared<false>(s, vectors);
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
