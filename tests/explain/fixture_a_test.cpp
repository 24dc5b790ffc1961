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
  EXPECT_THAT(by_default.values, ElementsAre(0, 4, 28, 32.5F));
  const auto at_relu = run_method("grad_cam", net, 0, {}, net.node("relu1")).attribution;
  EXPECT_EQ(at_relu.values, by_default.values);
  const auto at_conv = run_method("grad_cam", net, 0, {}, net.node("conv1")).attribution;
  EXPECT_THAT(at_conv.values, ElementsAre(11.25F, 13.5F, 20.25F, 22.5F));
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

TEST(FixtureA, GuidedBackprop) {
  const test::Net net = test::fixture_a();
  EXPECT_THAT(run_method("guided_backprop", net).attribution.values,
              ElementsAreArray({0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1}));
  EXPECT_THAT(run_method("deconvnet", net).attribution.values,
              ElementsAreArray({2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1}));
  // The rule is the call's, not the model's.
  nn::Session session = net.session();
  const auto before = run_method("gradient", session, net).attribution.values;
  (void)run_method("guided_backprop", session, net);
  EXPECT_EQ(run_method("gradient", session, net).attribution.values, before);
}

TEST(FixtureA, GuidedGradCam) {
  const test::Net net = test::fixture_a();
  const auto map = run_method("guided_grad_cam", net, 0, {}, net.node("relu1")).attribution;
  EXPECT_EQ(map.shape, (nn::Shape{1, 4, 4}));
  EXPECT_THAT(map.values, ElementsAreArray({0.0F, 0.0F, 4.0F, 4.0F, 0.0F, 0.0F, 12.0F, 8.0F, 28.0F, 84.0F, 97.5F, 65.0F,
                                            28.0F, 56.0F, 65.0F, 32.5F}));
}

TEST(FixtureA, TheCamFamily) {
  const test::Net net = test::fixture_a();
  const auto at = [&](const char* method, const char* layer) {
    return run_method(method, net, 0, {}, net.node(layer)).attribution.values;
  };
  for (const char* layer : {"conv1", "relu1"}) EXPECT_THAT(at("hires_cam", layer), ElementsAre(0, 4, 25, 25)) << layer;
  EXPECT_THAT(at("layer_cam", "relu1"), ElementsAre(0, 4, 31, 40));
  // weights 1 and -1
  EXPECT_THAT(at("xgrad_cam", "relu1"), ElementsAre(0, 4, 25, 25));
  const std::vector<float> plus_plus = at("grad_cam_plus_plus", "relu1");
  const double expected[] = {0.0, 0.2077922, 1.8712591, 2.7300959};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(static_cast<double>(plus_plus[i]), expected[i], 1e-6) << i;
  EXPECT_THAT(run_method("grad_cam", net, 0, {{"positive_only", 1.0}}, net.node("conv1")).attribution.values,
              ElementsAre(11.25F, 13.5F, 20.25F, 22.5F));
}

// Without channel k the logit is 54 - (4 + 31 + 40) and 54 + 21: what the two filters add.
TEST(FixtureA, AblationCam) {
  const test::Net net = test::fixture_a();
  const auto map = run_method("ablation_cam", net, 0, {}, net.node("relu1")).attribution.values;
  // f without filter 0 is relu(-21) = 0, without filter 1 it is 75
  const double first = 54.0 / 54.0;
  const double second = (54.0 - 75.0) / 54.0;
  const double expected[] = {0.0, 4.0 * first, 31.0 * first + 6.0 * second, 40.0 * first + 15.0 * second};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(static_cast<double>(map[i]), expected[i], 1e-5) << i;
}

TEST(FixtureA, ExactIntegratedGradientsAndDeepLift) {
  const double exact[] = {0.0,        2.0 / 27,     4.0 / 27,   2.0 / 9,    100.0 / 81, 535.0 / 162,
                          107.0 / 27, 133.0 / 54,   200.0 / 81, 107.0 / 18, 535.0 / 81, 209.0 / 54,
                          100.0 / 27, 1235.0 / 162, 665.0 / 81, 25.0 / 6};
  const test::Net net = test::fixture_a();
  const Explanation by_halves = run_method("integrated_gradients", net, 0, {{"mode", 1.0}});
  const Explanation by_rescale = run_method("deep_lift", net);
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_NEAR(static_cast<double>(by_halves.attribution.values[i]), exact[i], 1e-6 * 54.0) << i;
    EXPECT_NEAR(static_cast<double>(by_rescale.attribution.values[i]), exact[i], 1e-6 * 54.0) << i;
  }
  EXPECT_LE(by_halves.completeness_error, 1e-6);
  EXPECT_TRUE(by_halves.note == std::nullopt);
  EXPECT_LE(by_rescale.completeness_error, 1e-6);
}

TEST(FixtureA, LrpEpsilonIsGradientTimesInput) {
  const test::Net net = test::fixture_a();
  const auto expected = run_method("gradient_x_input", net).attribution.values;
  const auto found = run_method("lrp", net, 0, {{"rule", 1.0}}).attribution.values;
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-4) << i;
}

}  // namespace
}  // namespace weightroom::explain
