#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "explain/quadrature.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

TEST(GaussLegendre, IntegratesPolynomialsExactly) {
  for (int n : {1, 2, 3, 5, 8, 16, 33, 64}) {
    const Quadrature rule = gauss_legendre(n);
    for (int degree = 0; degree <= 2 * n - 1; ++degree) {
      double sum = 0.0;
      for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
        double power = 1.0;
        for (int d = 0; d < degree; ++d) power *= rule.nodes[k];
        sum += rule.weights[k] * power;
      }
      EXPECT_NEAR(sum, 1.0 / (degree + 1), 1e-14) << n << " nodes, degree " << degree;
    }
  }
}

TEST(GaussLegendre, IsSymmetricAndAscending) {
  for (int n : {1, 2, 7, 32, 500, 512, 1000}) {
    const Quadrature rule = gauss_legendre(n);
    double total = 0.0;
    for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
      EXPECT_GT(rule.nodes[k], k == 0 ? 0.0 : rule.nodes[k - 1]);
      EXPECT_LT(rule.nodes[k], 1.0);
      EXPECT_GT(rule.weights[k], 0.0);
      EXPECT_NEAR(rule.nodes[k] + rule.nodes[rule.nodes.size() - 1 - k], 1.0, 1e-15);
      EXPECT_EQ(rule.weights[k], rule.weights[rule.nodes.size() - 1 - k]);
      total += rule.weights[k];
    }
    EXPECT_NEAR(total, 1.0, 1e-13);
  }
}

// Abramowitz and Stegun, table 25.4, n = 4, moved from [-1, 1] to [0, 1].
TEST(GaussLegendre, HasTheTabulatedNodes) {
  const Quadrature rule = gauss_legendre(4);
  EXPECT_NEAR(rule.nodes[0], (1.0 - 0.861136311594052575) / 2, 1e-15);
  EXPECT_NEAR(rule.nodes[1], (1.0 - 0.339981043584856265) / 2, 1e-15);
  EXPECT_NEAR(rule.weights[0], 0.347854845137453857 / 2, 1e-15);
  EXPECT_NEAR(rule.weights[1], 0.652145154862546143 / 2, 1e-15);
}

double largest_of(const std::vector<float>& values) {
  double most = 0.0;
  for (float value : values) most = std::max(most, std::fabs(static_cast<double>(value)));
  return most;
}

TEST(IntegratedGradients, OfANetWithoutBiasesTakeOneStep) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const test::Net net = test::chain_net(seed, false);
    const Explanation found = run_method("integrated_gradients", net, 1, {{"steps", 1.0}});
    const auto product = run_method("gradient_x_input", net, 1).attribution.values;
    for (std::size_t i = 0; i < product.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(found.attribution.values[i]), static_cast<double>(product[i]),
                  1e-5 * largest_of(product));
    }
    EXPECT_LE(found.completeness_error, 1e-5);
  }
}

TEST(IntegratedGradients, OfASmoothNetConvergeAtOnce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const test::Net net = test::smooth_net(seed);
    const Explanation found = run_method("integrated_gradients", net, 2, {{"steps", 32.0}}, -1, {-1.0F, -2.0F});
    EXPECT_LE(found.completeness_error, 1e-5);
    EXPECT_TRUE(found.note == std::nullopt);
  }
}

TEST(IntegratedGradients, OfTheBaselineItselfAreExactlyZero) {
  test::Net net = test::chain_net(3);
  const std::vector<float> black{-0.7F, 0.3F};
  for (std::size_t i = 0; i < net.input.size(); ++i) net.input[i] = black[i / (net.input.size() / 2)];
  for (double steps : {0.0, 7.0}) {
    const Explanation found = run_method("integrated_gradients", net, 0, {{"steps", steps}}, -1, black);
    for (float value : found.attribution.values) EXPECT_EQ(value, 0.0F);
    EXPECT_EQ(found.completeness_error, 0.0);
    EXPECT_TRUE(found.note == std::nullopt);
  }
}

TEST(IntegratedGradients, DoubleUntilTheyAddUpUnlessTold) {
  const test::Net net = test::fixture_a();
  nn::Session session = net.session();
  const auto units_of = [&](const Params& params) {
    const auto job = start_method("integrated_gradients", session, net, 0, params);
    int units = 0;
    double progress = 0.0;
    for (bool done = false; !done;) {
      done = job->step(base::Budget::milliseconds(0.0));
      if (job->progress() != progress) ++units;
      progress = job->progress();
    }
    return units;
  };
  EXPECT_EQ(units_of({{"steps", 40.0}}), 40);
  // The errors for 54, worked out apart in Python; the first within 5e-3 is that of 512 steps.
  for (const auto& [steps, error] :
       {std::pair{32.0, 0.0762178}, {64.0, 0.0076318}, {128.0, 0.0113697}, {256.0, 0.0066904}}) {
    const Explanation found = run_method("integrated_gradients", net, 0, {{"steps", steps}});
    EXPECT_NEAR(found.completeness_error, error, 1e-6) << steps;
    EXPECT_FALSE(found.note == std::nullopt);
  }
  const Explanation doubled = run_method("integrated_gradients", net);
  EXPECT_NEAR(doubled.completeness_error, 0.0012604, 1e-6);
  EXPECT_TRUE(doubled.note == std::nullopt);
  EXPECT_EQ(units_of({}), 32 + 64 + 128 + 256 + 512);
  EXPECT_EQ(doubled.attribution.values,
            run_method("integrated_gradients", net, 0, {{"steps", 512.0}}).attribution.values);
}

TEST(IntegratedGradients, ShowAFirstLookBeforeTheFirstRuleIsDone) {
  const test::Net net = test::chain_net(4);
  nn::Session session = net.session();
  const auto job = start_method("integrated_gradients", session, net);
  while (job->progress() == 0.0) job->step(base::Budget::milliseconds(0.0));
  EXPECT_GT(largest_of(job->result().attribution.values), 0.0);
  EXPECT_TRUE(std::isnan(job->result().completeness_error)) << "nothing to claim yet";
}

TEST(IntegratedGradients, OfANetThatOverflowsEndWithASentence) {
  test::Net net = test::chain_net(5);
  for (float& weight : net.weights) weight *= 1e30F;
  const Explanation found = run_method("integrated_gradients", net);
  EXPECT_FALSE(found.note == std::nullopt);
}

}  // namespace
}  // namespace weightroom::explain
