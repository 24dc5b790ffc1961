#include "train/optimizer.h"

#include <cmath>

#include <gtest/gtest.h>

namespace weightroom::train {
namespace {

constexpr std::size_t kCount = 5;
constexpr int kSteps = 20;

// A bowl: gradient a_i (w_i - c_i), so that every step has another gradient.
double slope(std::size_t i, double weight) {
  return (0.5 + 0.3 * static_cast<double>(i)) * (weight - 0.2 * static_cast<double>(i));
}

std::vector<float> start() { return {1.0F, -0.5F, 0.25F, 2.0F, -1.5F}; }

// Runs the optimiser in float beside `formula` in double and compares after each step.
template <class Formula>
void compare(const OptimizerOptions& options, bool decays, Formula formula) {
  std::vector<float> weights = start();
  std::vector<double> exact(weights.begin(), weights.end());
  Moments moments(options.kind, kCount);
  for (int step = 1; step <= kSteps; ++step) {
    const double rate = options.learning_rate / step;
    std::vector<float> gradient(kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
      gradient[i] = static_cast<float>(slope(i, static_cast<double>(weights[i])));
      formula(i, step, rate, slope(i, exact[i]), exact[i]);
    }
    optimizer_step(options, {0, kCount, decays}, rate, step, gradient, weights, moments);
    for (std::size_t i = 0; i < kCount; ++i) EXPECT_NEAR(weights[i], exact[i], 2e-6) << "step " << step << ", " << i;
  }
}

TEST(Optimizer, SgdWithMomentumAndDecay) {
  for (const bool nesterov : {false, true}) {
    for (const bool decays : {false, true}) {
      const OptimizerOptions options{.learning_rate = 0.1, .momentum = 0.8, .nesterov = nesterov, .weight_decay = 0.05};
      std::vector<double> velocity(kCount, 0.0);
      compare(options, decays, [&](std::size_t i, int, double rate, double gradient, double& weight) {
        gradient += decays ? 0.05 * weight : 0.0;
        velocity[i] = 0.8 * velocity[i] + gradient;
        weight -= rate * (nesterov ? gradient + 0.8 * velocity[i] : velocity[i]);
      });
    }
  }
}

TEST(Optimizer, AdamwAsPublished) {
  for (const bool decays : {false, true}) {
    const OptimizerOptions options{
        .kind = OptimizerKind::adamw, .learning_rate = 0.05, .beta1 = 0.85, .beta2 = 0.99, .weight_decay = 0.1};
    std::vector<double> m(kCount, 0.0);
    std::vector<double> v(kCount, 0.0);
    compare(options, decays, [&](std::size_t i, int step, double rate, double gradient, double& weight) {
      m[i] = 0.85 * m[i] + 0.15 * gradient;
      v[i] = 0.99 * v[i] + 0.01 * gradient * gradient;
      const double m_hat = m[i] / (1.0 - std::pow(0.85, step));
      const double v_hat = v[i] / (1.0 - std::pow(0.99, step));
      if (decays) weight -= rate * 0.1 * weight;
      weight -= rate * m_hat / (std::sqrt(v_hat) + 1e-8);
    });
  }
}

TEST(Optimizer, LeavesWeightsOutsideThePieceAlone) {
  std::vector<float> weights = start();
  const std::vector<float> gradient(kCount, 1.0F);
  Moments moments(OptimizerKind::sgd, kCount);
  optimizer_step({.learning_rate = 0.1}, {1, 2, false}, 0.1, 1, gradient, weights, moments);
  const std::vector<float> before = start();
  EXPECT_EQ(weights[0], before[0]);
  EXPECT_NE(weights[1], before[1]);
  EXPECT_NE(weights[2], before[2]);
  EXPECT_EQ(weights[3], before[3]);
  EXPECT_EQ(weights[4], before[4]);
}

}  // namespace
}  // namespace weightroom::train
