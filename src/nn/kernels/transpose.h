#pragma once

#include <cstddef>

namespace weightroom::nn::kernels {

// to[c][r] = from[r][c] for r < rows, c < columns; a row is so many floats behind the one before
// it.
void transpose(const float* from, std::ptrdiff_t from_step, std::ptrdiff_t rows, std::ptrdiff_t columns, float* to,
               std::ptrdiff_t to_step);

}  // namespace weightroom::nn::kernels
