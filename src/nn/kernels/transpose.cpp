#include "nn/kernels/transpose.h"

#include <algorithm>

#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {
namespace {

constexpr std::ptrdiff_t kBlock = 16;  // values in a cache line: each line is then read and written once
constexpr std::ptrdiff_t kQuad = 4;

void transpose_scalar(const float* from, std::ptrdiff_t from_step, std::ptrdiff_t rows, std::ptrdiff_t columns,
                      float* to, std::ptrdiff_t to_step) {
  for (std::ptrdiff_t c = 0; c < columns; ++c) {
    for (std::ptrdiff_t r = 0; r < rows; ++r) to[c * to_step + r] = from[r * from_step + c];
  }
}

void transpose_quad(const float* from, std::ptrdiff_t from_step, float* to, std::ptrdiff_t to_step) {
  if constexpr (kLanes < static_cast<std::size_t>(kQuad)) {
    transpose_scalar(from, from_step, kQuad, kQuad, to, to_step);
  } else {
    const hn::CappedTag<float, 4> d;
    const auto a = hn::LoadU(d, from);
    const auto b = hn::LoadU(d, from + from_step);
    const auto c = hn::LoadU(d, from + 2 * from_step);
    const auto e = hn::LoadU(d, from + 3 * from_step);
    const auto ac_low = hn::InterleaveLower(d, a, c);   // a0 c0 a1 c1
    const auto be_low = hn::InterleaveLower(d, b, e);   // b0 e0 b1 e1
    const auto ac_high = hn::InterleaveUpper(d, a, c);  // a2 c2 a3 c3
    const auto be_high = hn::InterleaveUpper(d, b, e);
    hn::StoreU(hn::InterleaveLower(d, ac_low, be_low), d, to);
    hn::StoreU(hn::InterleaveUpper(d, ac_low, be_low), d, to + to_step);
    hn::StoreU(hn::InterleaveLower(d, ac_high, be_high), d, to + 2 * to_step);
    hn::StoreU(hn::InterleaveUpper(d, ac_high, be_high), d, to + 3 * to_step);
  }
}

void transpose_block(const float* from, std::ptrdiff_t from_step, std::ptrdiff_t rows, std::ptrdiff_t columns,
                     float* to, std::ptrdiff_t to_step) {
  std::ptrdiff_t r = 0;
  for (; r + kQuad <= rows; r += kQuad) {
    const float* row = from + r * from_step;
    std::ptrdiff_t c = 0;
    for (; c + kQuad <= columns; c += kQuad) transpose_quad(row + c, from_step, to + c * to_step + r, to_step);
    transpose_scalar(row + c, from_step, kQuad, columns - c, to + c * to_step + r, to_step);
  }
  transpose_scalar(from + r * from_step, from_step, rows - r, columns, to + r, to_step);
}

}  // namespace

void transpose(const float* from, std::ptrdiff_t from_step, std::ptrdiff_t rows, std::ptrdiff_t columns, float* to,
               std::ptrdiff_t to_step) {
  for (std::ptrdiff_t r = 0; r < rows; r += kBlock) {
    for (std::ptrdiff_t c = 0; c < columns; c += kBlock) {
      transpose_block(from + r * from_step + c, from_step, std::min(kBlock, rows - r), std::min(kBlock, columns - c),
                      to + c * to_step + r, to_step);
    }
  }
}

}  // namespace weightroom::nn::kernels
