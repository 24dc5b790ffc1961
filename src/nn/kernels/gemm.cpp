#include "nn/kernels/gemm.h"

#include <algorithm>
#include <array>

#include "nn/kernels/elementwise.h"
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

// Four rows of a at four places of k, turned round: column j holds a[0..3][k + j].
using Four = hn::CappedTag<float, 4>;
constexpr std::ptrdiff_t kFour = 4;

struct Block {
  hn::Vec<Four> columns[4];
};

HWY_INLINE Block turn_block(const float* a, std::ptrdiff_t step) {
  const Four d;
  const auto row = [&](int r) { return hn::LoadU(d, a + r * step); };
  const auto low02 = hn::InterleaveLower(d, row(0), row(2));   // 00 20 01 21
  const auto low13 = hn::InterleaveLower(d, row(1), row(3));   // 10 30 11 31
  const auto high02 = hn::InterleaveUpper(d, row(0), row(2));  // 02 22 03 23
  const auto high13 = hn::InterleaveUpper(d, row(1), row(3));
  return {{hn::InterleaveLower(d, low02, low13), hn::InterleaveUpper(d, low02, low13),
           hn::InterleaveLower(d, high02, high13), hn::InterleaveUpper(d, high02, high13)}};
}

// One row alone: the same chain.
float chain(const float* a, const float* b, std::ptrdiff_t depth, float start) {
  for (std::ptrdiff_t k = 0; k < depth; ++k) start += a[k] * b[k];
  return start;
}

// A single column of b: lanes go across rows, which are turned round in registers, sixteen at a time so that their
// additions need not wait for one another. The chains are those of a tile.
void product_by_vector(const Product& p) {
  constexpr int kGroups = 4;
  constexpr std::ptrdiff_t kRows = kGroups * kFour;
  const Four d;
  const auto start_of = [&](std::ptrdiff_t row) {
    return p.bias != nullptr ? p.bias[row] : p.start_from_c ? p.c[row] : 0.0F;
  };
  const auto finish = [&](std::ptrdiff_t row, float sum) { p.c[row] = p.add_to_c ? p.c[row] + sum : sum; };
  const std::ptrdiff_t whole = p.depth / kFour * kFour;
  std::ptrdiff_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) {
    std::array<float, static_cast<std::size_t>(kRows)> sums;
    for (std::ptrdiff_t r = 0; r < kRows; ++r) sums[static_cast<std::size_t>(r)] = start_of(row + r);
    hn::Vec<Four> acc[kGroups];
    for (int g = 0; g < kGroups; ++g) acc[g] = hn::LoadU(d, sums.data() + g * kFour);
    for (std::ptrdiff_t k = 0; k < whole; k += kFour) {
      for (int g = 0; g < kGroups; ++g) {
        const Block block = turn_block(p.a + (row + g * kFour) * p.depth + k, p.depth);
        for (int j = 0; j < kFour; ++j) acc[g] = hn::Add(acc[g], hn::Mul(block.columns[j], hn::Set(d, p.b[k + j])));
      }
    }
    for (int g = 0; g < kGroups; ++g) hn::StoreU(acc[g], d, sums.data() + g * kFour);
    for (std::ptrdiff_t r = 0; r < kRows; ++r) {
      finish(row + r,
             chain(p.a + (row + r) * p.depth + whole, p.b + whole, p.depth - whole, sums[static_cast<std::size_t>(r)]));
    }
  }
  for (; row < p.rows; ++row) finish(row, chain(p.a + row * p.depth, p.b, p.depth, start_of(row)));
}

// A single row of a, eight vectors of columns at a time, for the same reason.
void product_of_row(const Product& p) {
  constexpr std::size_t kVectors = 8;
  constexpr std::size_t kStep = kLanes;
  const auto columns = static_cast<std::size_t>(p.columns);
  const std::ptrdiff_t step = row_step(p);
  const auto start = [&](auto d, std::size_t j) {
    if (p.bias != nullptr) return hn::Set(d, *p.bias);
    return p.start_from_c ? hn::LoadU(d, p.c + j) : hn::Zero(d);
  };
  const auto finish = [&](auto d, auto sum, std::size_t j) {
    hn::StoreU(p.add_to_c ? hn::Add(hn::LoadU(d, p.c + j), sum) : sum, d, p.c + j);
  };
  const FloatTag d;
  std::size_t j = 0;
  for (; j + kVectors * kStep <= columns; j += kVectors * kStep) {
    FloatVec acc[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) acc[v] = start(d, j + v * kStep);
    const float* b = p.b + j;
    for (std::ptrdiff_t k = 0; k < p.depth; ++k, b += step) {
      const auto a = hn::Set(d, p.a[k]);
      for (std::size_t v = 0; v < kVectors; ++v) acc[v] = hn::Add(acc[v], hn::Mul(a, hn::LoadU(d, b + v * kStep)));
    }
    for (std::size_t v = 0; v < kVectors; ++v) finish(d, acc[v], j + v * kStep);
  }
  const auto rest = [&](auto tag) {
    auto sum = start(tag, j);
    for (std::ptrdiff_t k = 0; k < p.depth; ++k)
      sum =
          hn::Add(sum, hn::Mul(hn::Set(tag, p.a[k]), hn::LoadU(tag, p.b + k * step + static_cast<std::ptrdiff_t>(j))));
    finish(tag, sum, j);
  };
  for (; j + kStep <= columns; j += kStep) rest(d);
  for (; j < columns; ++j) rest(OneTag());
}

// One product each: rows of b, scaled, are added.
void product_of_depth_one(const Product& p) {
  const auto columns = static_cast<std::size_t>(p.columns);
  for (std::ptrdiff_t row = 0; row < p.rows; ++row) axpy(p.a[row], {p.b, columns}, {p.c + row * p.columns, columns});
}

}  // namespace

std::size_t product_workspace(std::ptrdiff_t depth) { return static_cast<std::size_t>(depth) * kLanes; }

void product(const Product& p, float* workspace) {
  if constexpr (hn::MaxLanes(Four()) == 4) {
    if (p.columns == 1 && row_step(p) == 1) return product_by_vector(p);
  }
  if (p.depth == 1 && p.start_from_c && p.bias == nullptr && !p.add_to_c) return product_of_depth_one(p);
  if (p.rows == 1) return product_of_row(p);
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
