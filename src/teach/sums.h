#pragma once

#include <cstddef>
#include <span>

// Sums of products in double, each in one order: the same bits everywhere.
namespace weightroom::teach {

// Four chains side by side, so that no product waits for the one before it.
[[nodiscard]] inline double dot(std::span<const double> a, std::span<const double> b) {
  double chains[4] = {0.0, 0.0, 0.0, 0.0};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k) chains[k] += a[i + k] * b[i + k];
  }
  for (std::size_t k = 0; i < a.size(); ++i, ++k) chains[k] += a[i] * b[i];
  return (chains[0] + chains[2]) + (chains[1] + chains[3]);
}

[[nodiscard]] inline double square_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// to += share * of
inline void add_scaled(double share, std::span<const double> of, std::span<double> to) {
  for (std::size_t i = 0; i < of.size(); ++i) to[i] += share * of[i];
}

}  // namespace weightroom::teach
