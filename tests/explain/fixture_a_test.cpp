// Captum's toy network with its exact values, recomputed in rational numbers
// (design/checks/fixtures.py).
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explain/weights.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(FixtureA, Logits) {
  nn::Session session = test::fixture_a().session();
  session.forward();
  EXPECT_THAT(session.logits().values(), ElementsAre(54, 54, 54, 54));
  EXPECT_THAT(session.activation(1).values(), ElementsAre(-5, 4, 31, 40, -30, -21, 6, 15));
}

TEST(FixtureA, Gradient) {
  const auto map = run_method("gradient", test::fixture_a()).attribution;
  EXPECT_EQ(map.shape, (nn::Shape{1, 4, 4}));
  EXPECT_THAT(map.values, ElementsAreArray({0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0}));
}

TEST(FixtureA, GradientTimesInput) {
  const auto map = run_method("gradient_x_input", test::fixture_a()).attribution;
  EXPECT_THAT(map.values, ElementsAreArray({0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0}));
}

TEST(FixtureA, GradCam) {
  const test::Net net = test::fixture_a();
  const auto by_default = run_method("grad_cam", net).attribution;
  EXPECT_EQ(by_default.shape, (nn::Shape{1, 2, 2}));
  EXPECT_THAT(by_default.values, ElementsAre(11.25F, 13.5F, 20.25F, 22.5F));
  const auto at_conv = run_method("grad_cam", net, 0, {}, net.node("conv1")).attribution;
  EXPECT_EQ(at_conv.values, by_default.values);
  const auto at_relu = run_method("grad_cam", net, 0, {}, net.node("relu1")).attribution;
  EXPECT_THAT(at_relu.values, ElementsAre(0, 4, 28, 32.5F));
}

// Each pixel's attribution is the pixel times the sum of the coefficients of the windows that cover
// it.
TEST(FixtureA, IntegratedGradients) {
  const std::vector<double> exact{0.0,        2.0 / 27,     4.0 / 27,   2.0 / 9,    100.0 / 81, 535.0 / 162,
                                  107.0 / 27, 133.0 / 54,   200.0 / 81, 107.0 / 18, 535.0 / 81, 209.0 / 54,
                                  100.0 / 27, 1235.0 / 162, 665.0 / 81, 25.0 / 6};
  const test::Net net = test::fixture_a();
  const Explanation found = run_method("integrated_gradients", net, 0, {{"steps", 500.0}});
  double total = 0.0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    total += static_cast<double>(found.attribution.values[i]);
    if (i == 0) {
      EXPECT_EQ(found.attribution.values[i], 0.0F);
      continue;
    }
    const double pixel = static_cast<double>(net.input[i]);
    EXPECT_NEAR(static_cast<double>(found.attribution.values[i]) / pixel, exact[i] / pixel, 5e-3) << "pixel " << i;
  }
  EXPECT_NEAR(total, 54.0, 54.0 * 5e-3);
  EXPECT_NEAR(found.completeness_error, std::fabs(total - 54.0) / 54.0, 1e-9);
}

TEST(FixtureA, WeightTimesGradient) {
  const test::Net net = test::fixture_a();
  nn::Session session = net.session();
  const auto gradient = weight_gradient(session, 0);
  const auto product = weight_x_gradient(session, gradient);
  EXPECT_THAT(net.slice(product, "conv1.weight"),
              ElementsAre(10, 13, 16, 22, 25, 28, 34, 37, 40, -9, -11, -13, -17, -19, -21, -25, -27, -29));
  EXPECT_THAT(net.slice(gradient, "conv1.bias"), ElementsAre(3, -2));
  EXPECT_THAT(net.slice(product, "conv1.bias"), ElementsAre(-150, 150));
  const auto identities = layer_identities(session, gradient, 0);
  ASSERT_EQ(identities.size(), 2U);
  for (const LayerIdentity& row : identities) {
    EXPECT_EQ(row.weights + row.biases, 54.0);
    EXPECT_EQ(row.logit, 54.0);
  }
  EXPECT_EQ(identities[0].biases, 0.0);
  EXPECT_EQ(identities[1].weights, 54.0);
}

// Guided backprop (Springenberg et al. 2014) as a rule of one backward pass: a ReLU lets only
// positive gradients through.
TEST(FixtureA, GuidedBackwardRule) {
  nn::Session session = test::fixture_a().session();
  const auto seed = nn::one_hot(1, 4, 0);
  const nn::BackwardRule guided = [](const nn::Node& node, const nn::BackwardArgs& args) {
    if (node.op->name != "relu") return false;
    for (std::size_t i = 0; i < args.d_output.size(); ++i) {
      const bool passes = args.inputs[0].data[i] > 0.0F && args.d_output.data[i] > 0.0F;
      if (passes) args.d_inputs[0].data[i] += args.d_output.data[i];
    }
    return true;
  };
  nn::BackwardRequest request;
  request.d_from = seed;
  request.rule = &guided;
  session.backward(request);
  EXPECT_THAT(session.d_activation(0).values(), ElementsAreArray({0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1}));

  // The rule is the call's, not the model's.
  request.rule = nullptr;
  session.backward(request);
  EXPECT_THAT(session.d_activation(0).values(), ElementsAreArray({0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace weightroom::explain
