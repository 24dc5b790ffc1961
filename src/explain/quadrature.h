#pragma once

#include <vector>

namespace weightroom::explain {

// A rule for an integral over [0, 1]: sum of weights[k] f(nodes[k]).
struct Quadrature {
  std::vector<double> nodes;    // ascending
  std::vector<double> weights;  // positive, of sum 1
};

// Gauss-Legendre with n >= 1 nodes: exact for polynomials up to degree 2n - 1, and the same bits
// everywhere.
[[nodiscard]] Quadrature gauss_legendre(int n);

}  // namespace weightroom::explain
