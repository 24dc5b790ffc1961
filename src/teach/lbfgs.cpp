#include "teach/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "teach/sums.h"

namespace weightroom::teach {

Lbfgs::Lbfgs(Function function, std::vector<double> start, Options options)
    : function_(std::move(function)), options_(options), x_(std::move(start)), gradient_(x_.size()) {
  value_ = evaluate(x_, gradient_);
  ended_ = largest_gradient() <= options_.gradient || options_.iterations < 1;
}

double Lbfgs::evaluate(std::span<const double> x, std::span<double> gradient) {
  ++evaluations_;
  return function_(x, gradient);
}

double Lbfgs::largest_gradient() const {
  double largest = 0.0;
  for (const double g : gradient_) largest = std::max(largest, std::fabs(g));
  return largest;
}

// - H g, H being what the pairs make of the inverse of the second derivatives (Nocedal and Wright, "Numerical
// optimization", 2006, algorithm 7.4).
std::vector<double> Lbfgs::direction() const {
  std::vector<double> d(gradient_);
  std::vector<double> shares;
  for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair) {
    shares.push_back(dot(pair->step, d) / pair->curvature);
    add_scaled(-shares.back(), pair->change, d);
  }
  const double scale = pairs_.empty() ? 1.0 / std::sqrt(dot(gradient_, gradient_))
                                      : pairs_.back().curvature / dot(pairs_.back().change, pairs_.back().change);
  for (double& value : d) value *= scale;
  for (const Pair& pair : pairs_) {
    add_scaled(shares.back() - dot(pair.change, d) / pair.curvature, pair.step, d);
    shares.pop_back();
  }
  for (double& value : d) value = -value;
  return d;
}

void Lbfgs::remember(const std::vector<double>& x, const std::vector<double>& gradient) {
  Pair pair{std::vector<double>(x.size()), std::vector<double>(x.size()), 0.0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    pair.step[i] = x[i] - x_[i];
    pair.change[i] = gradient[i] - gradient_[i];
  }
  pair.curvature = dot(pair.step, pair.change);
  // Rounding alone can bend a function that is as good as flat the wrong way.
  if (!(pair.curvature > 1e-14 * dot(pair.change, pair.change))) return;
  pairs_.push_back(std::move(pair));
  if (pairs_.size() > options_.pairs) pairs_.pop_front();
}

bool Lbfgs::step() {
  constexpr double kArmijo = 1e-4;  // of the decrease that the slope promises
  constexpr int kHalvings = 40;
  if (ended_) return true;
  const std::vector<double> d = direction();
  const double slope = dot(d, gradient_);
  std::vector<double> x(x_.size());
  std::vector<double> gradient(x_.size());
  double length = 1.0;
  for (int tries = 0; tries < kHalvings; ++tries, length *= 0.5) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = x_[i] + length * d[i];
    const double value = evaluate(x, gradient);
    if (!(value <= value_ + kArmijo * length * slope)) continue;
    remember(x, gradient);
    x_.swap(x);
    gradient_.swap(gradient);
    value_ = value;
    ++iterations_;
    return ended_ = largest_gradient() <= options_.gradient || iterations_ >= options_.iterations;
  }
  return ended_ = true;
}

}  // namespace weightroom::teach
