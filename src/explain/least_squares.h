#pragma once

#include <span>
#include <vector>

namespace weightroom::explain {

// Weighted least squares by its normal equations: rows come one by one, and `solve` gives the b that makes the sum of
// weight (y - x b)^2 + ridge |b|^2 smallest (the first `free` elements of b are not held small). By Cholesky; what the
// rows leave open stays 0.
class LeastSquares {
 public:
  explicit LeastSquares(std::size_t unknowns);
  void add(std::span<const double> x, double y, double weight);
  [[nodiscard]] std::vector<double> solve(double ridge, std::size_t free = 0) const;

 private:
  std::size_t n_;
  std::vector<double> products_;  // (n,n), the lower half
  std::vector<double> sums_;
};

}  // namespace weightroom::explain
