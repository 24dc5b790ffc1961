#include "nn/none_of_these.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::nn {
namespace {

TEST(NoneOfThese, IsTheLogOddsOfAClassMore) {
  const NoneOfThese gauge{.weights = {0.5F, -1.0F}, .bias = 0.25F, .threshold = -1.0F};
  const std::vector<float> features{2.0F, 0.5F};
  const std::vector<float> logits{1.0F, 3.0F, -2.0F};
  const double expected = 0.5 * 2.0 - 0.5 + 0.25 - std::log(std::exp(1.0) + std::exp(3.0) + std::exp(-2.0));
  EXPECT_NEAR(gauge.score(features, logits), expected, 1e-12);
  EXPECT_TRUE(gauge.says(-0.999));
  EXPECT_FALSE(gauge.says(-1.0));
}

TEST(NoneOfThese, SaysNothingWhereThereIsNoAnswer) {
  const NoneOfThese gauge{.weights = {1.0F}, .bias = 0.0F, .threshold = 0.0F};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(gauge.says(gauge.score(std::vector<float>{1.0F}, std::vector<float>{1.0F, nan})));
  EXPECT_FALSE(gauge.says(gauge.score(std::vector<float>{nan}, std::vector<float>{1.0F, 2.0F})));
}

TEST(NoneOfThese, DoesNotOverflow) {
  const NoneOfThese gauge{.weights = {1.0F}, .bias = 0.0F, .threshold = 0.0F};
  EXPECT_NEAR(gauge.score(std::vector<float>{5e4F}, std::vector<float>{4e4F, -4e4F}), 1e4, 1e-6);
}

// The layer of the logits as the sum it is: rows of weights times what goes in, and a bias.
TEST(NoneOfThese, FeaturesAreWhatGoesIntoTheLayerOfTheLogits) {
  const test::Net net = test::chain_net(3);
  Session session = net.session();
  session.forward();
  const Graph& graph = *net.graph;
  const Node& last = graph.nodes()[static_cast<std::size_t>(graph.logits())];
  ASSERT_GT(feature_count(graph), 0U);
  const auto x = features(session);
  ASSERT_EQ(x.size(), feature_count(graph));
  const GraphWeight& weight = graph.weights()[static_cast<std::size_t>(last.weights[0])];
  const GraphWeight& bias = graph.weights()[static_cast<std::size_t>(last.weights[1])];
  for (std::size_t k = 0; k < static_cast<std::size_t>(graph.class_count()); ++k) {
    double sum = static_cast<double>(net.weights[bias.offset + k]);
    for (std::size_t i = 0; i < x.size(); ++i)
      sum += static_cast<double>(net.weights[weight.offset + k * x.size() + i]) * static_cast<double>(x[i]);
    EXPECT_NEAR(session.logits().values()[k], sum, 1e-5);
  }
}

}  // namespace
}  // namespace weightroom::nn
