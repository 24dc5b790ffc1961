#include "explain/quadrature.h"

#include <cmath>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::explain {
namespace {

constexpr double kPi = 3.141592653589793;
constexpr int kNewtonSteps = 20;  // five suffice; the bound keeps a rounding cycle from going on for ever

struct Legendre {
  double value;
  double slope;
};

// P_n and P_n' at |t| < 1 by Bonnet's recursion, k P_k = (2k - 1) t P_{k-1} - (k - 1) P_{k-2}.
Legendre legendre(int n, double t) {
  double before = 1.0;
  double now = t;
  for (int k = 2; k <= n; ++k) {
    const double next = ((2.0 * k - 1.0) * t * now - (k - 1.0) * before) / k;
    before = now;
    now = next;
  }
  return {now, n * (t * now - before) / (t * t - 1.0)};
}

}  // namespace

Quadrature gauss_legendre(int n) {
  CHECK(n >= 1);
  const auto count = static_cast<std::size_t>(n);
  Quadrature rule{std::vector<double>(count), std::vector<double>(count)};
  for (std::size_t i = 0; i < (count + 1) / 2; ++i) {
    // Tricomi's first guess at the i-th largest zero, then Newton; the other half follows by
    // symmetry.
    double t = base::cos(kPi * (static_cast<double>(i) + 0.75) / (n + 0.5));
    if (2 * i + 1 == count) t = 0.0;
    for (int step = 0; step < kNewtonSteps; ++step) {
      const Legendre at = legendre(n, t);
      const double change = at.value / at.slope;
      t -= change;
      if (std::fabs(change) < 1e-16) break;
    }
    const double slope = legendre(n, t).slope;
    const double weight = 1.0 / ((1.0 - t * t) * slope * slope);  // half of the rule's on [-1, 1]
    rule.nodes[i] = 0.5 * (1.0 - t);
    rule.nodes[count - 1 - i] = 0.5 * (1.0 + t);
    rule.weights[i] = rule.weights[count - 1 - i] = weight;
  }
  return rule;
}

}  // namespace weightroom::explain
