#pragma once

#include <cstddef>

// Dense products of row-major matrices for the linear op. Every output is one chain, k ascending,
// whatever the target; so a row's bits do not depend on how many rows there are.
namespace weightroom::nn::kernels {

struct Product {
  std::ptrdiff_t rows = 0;      // of a and c
  std::ptrdiff_t columns = 0;   // of b and c
  std::ptrdiff_t depth = 0;     // k: columns of a, rows of b
  const float* a = nullptr;     // (rows, depth)
  const float* b = nullptr;     // (depth, columns)
  std::ptrdiff_t b_step = 0;    // from a row of b to the next; 0: columns
  float* c = nullptr;           // (rows, columns)
  const float* bias = nullptr;  // (rows): where chains start; else 0, ...
  bool start_from_c = false;    // ... or c itself
  bool add_to_c = false;        // c += the finished chain, instead of c =
};

// c = a b. Scratch: product_workspace(depth) floats.
void product(const Product& p, float* workspace);
[[nodiscard]] std::size_t product_workspace(std::ptrdiff_t depth);

}  // namespace weightroom::nn::kernels
