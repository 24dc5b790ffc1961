#include "explain/least_squares.h"

#include <cmath>

#include "base/check.h"

namespace weightroom::explain {

LeastSquares::LeastSquares(std::size_t unknowns) : n_(unknowns), products_(n_ * n_, 0.0), sums_(n_, 0.0) {}

void LeastSquares::add(std::span<const double> x, double y, double weight) {
  CHECK(x.size() == n_);
  for (std::size_t i = 0; i < n_; ++i) {
    const double scaled = weight * x[i];
    if (scaled == 0.0) continue;
    for (std::size_t j = 0; j <= i; ++j) products_[i * n_ + j] += scaled * x[j];
    sums_[i] += scaled * y;
  }
}

std::vector<double> LeastSquares::solve(double ridge, std::size_t free) const {
  std::vector<double> l = products_;
  for (std::size_t i = free; i < n_; ++i) l[i * n_ + i] += ridge;
  std::vector<double> b = sums_;
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = l[i * n_ + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n_ + k] * l[j * n_ + k];
      if (i != j) {
        l[i * n_ + j] = l[j * n_ + j] > 0.0 ? sum / l[j * n_ + j] : 0.0;
      } else {
        // Nothing left of it but rounding: no row tells this one from those before it.
        const double least = 1e-12 * products_[i * n_ + i];
        l[i * n_ + i] = sum > least ? std::sqrt(sum) : 0.0;
      }
    }
  }
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l[i * n_ + k] * b[k];
    b[i] = l[i * n_ + i] > 0.0 ? b[i] / l[i * n_ + i] : 0.0;
  }
  for (std::size_t i = n_; i-- > 0;) {
    for (std::size_t k = i + 1; k < n_; ++k) b[i] -= l[k * n_ + i] * b[k];
    b[i] = l[i * n_ + i] > 0.0 ? b[i] / l[i * n_ + i] : 0.0;
  }
  return b;
}

}  // namespace weightroom::explain
