// Gradients against finite differences in double, and the methods built on a single pass.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "explain/display.h"
#include "explain/weights.h"
#include "run_method.h"
#include "support/oracle.h"

namespace weightroom::explain {
namespace {

using test::Oracle;

TEST(Gradient, EqualsCentralDifferences) {
  for (const test::Net& net :
       {test::smooth_net(1), test::mixed_net(2), test::chain_net(3), test::chain_net(4, false)}) {
    Oracle oracle(*net.graph, net.weights);
    const auto input = test::widen(net.input);
    for (int target = 0; target < net.graph->class_count(); ++target) {
      std::vector<std::optional<double>> expected;
      for (std::size_t i = 0; i < input.size(); ++i) expected.push_back(oracle.d_activation(input, 0, i, target));
      const auto [relative, missing] =
          test::difference(run_method("gradient", net, target).attribution.values, expected);
      EXPECT_LE(relative, 1e-4);
      EXPECT_LE(missing, expected.size() / 20) << "too many points at a kink to say anything";
    }
  }
}

TEST(Gradient, LogitsEqualTheDoubleOracle) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const test::Net& net : {test::smooth_net(seed), test::mixed_net(seed), test::chain_net(seed)}) {
      Oracle oracle(*net.graph, net.weights);
      oracle.forward(test::widen(net.input));
      nn::Session session = net.session();
      session.forward();
      const std::vector<std::optional<double>> expected(oracle.logits().begin(), oracle.logits().end());
      EXPECT_LE(test::difference(session.logits().values(), expected).relative, 1e-5);
    }
  }
}

TEST(Gradient, OfEveryWeightEqualsCentralDifferences) {
  for (const test::Net& net : {test::smooth_net(5), test::mixed_net(6)}) {
    Oracle oracle(*net.graph, net.weights);
    const auto input = test::widen(net.input);
    nn::Session session = net.session();
    const auto gradient = weight_gradient(session, 1);
    for (const nn::GraphWeight& weight : net.graph->weights()) {
      if (!weight.trainable) continue;
      std::vector<std::optional<double>> expected;
      for (std::size_t i = 0; i < weight.shape.size(); ++i)
        expected.push_back(oracle.d_weight(input, weight.offset + i, 1));
      const auto part = std::span(gradient).subspan(weight.offset, weight.shape.size());
      const auto [relative, missing] = test::difference(part, expected);
      EXPECT_LE(relative, 2e-4) << weight.name;
      EXPECT_LE(missing, expected.size() / 10) << weight.name;
    }
  }
}

TEST(Gradient, TimesInputIsTheGradientTimesTheInput) {
  const test::Net net = test::mixed_net(8);
  const auto gradient = run_method("gradient", net, 2).attribution.values;
  const auto product = run_method("gradient_x_input", net, 2).attribution.values;
  for (std::size_t i = 0; i < gradient.size(); ++i) EXPECT_EQ(product[i], net.input[i] * gradient[i]);
}

// With global average pooling and one linear layer, alpha_k is w_k / (H W): the map sums to (f -
// bias), shared by H W.
TEST(GradCam, OfAnAveragingHeadSumsToTheLogit) {
  test::SpecBuilder spec({3, 10, 9});
  spec.conv("conv1", 4, 3, 1).add("relu1", "relu").conv("conv2", 6, 3, 0).add("relu2", "relu");
  spec.add("gap", "global_avg_pool").add("flatten", "flatten").linear("fc", 5);
  const test::Net net = test::random_net(spec.spec(), 9);
  nn::Session session = net.session();
  session.forward();
  const auto bias = net.slice(net.weights, "fc.bias");
  const auto weight = net.slice(net.weights, "fc.weight");
  const nn::ConstTensor maps = session.activation(net.node("relu2"));
  const auto area = static_cast<std::size_t>(maps.shape.h() * maps.shape.w());
  for (int target = 0; target < 5; ++target) {
    const auto t = static_cast<std::size_t>(target);
    const auto cam = run_method("grad_cam", net, target, {}, net.node("relu2")).attribution.values;
    const double sum = std::accumulate(cam.begin(), cam.end(), 0.0);
    const double f = static_cast<double>(session.logits().data[t]) - static_cast<double>(bias[t]);
    EXPECT_NEAR(sum, f, 1e-5 * std::max(1.0, std::fabs(f)));
    for (std::size_t i = 0; i < area; ++i) {  // the class activation map of Zhou et al. 2016, divided by H W
      double expected = 0.0;
      for (std::size_t k = 0; k < 6; ++k)
        expected += static_cast<double>(weight[t * 6 + k]) * static_cast<double>(maps.data[k * area + i]);
      EXPECT_NEAR(static_cast<double>(cam[i]), expected / static_cast<double>(area), 1e-6);
    }
  }
}

TEST(GradCam, OfADeadLayerIsEmptyAndNotNaN) {
  test::Net net = test::chain_net(11);
  const auto& row = net.graph->weights()[static_cast<std::size_t>(net.graph->find_weight("fc2.weight"))];
  std::fill_n(net.weights.begin() + static_cast<std::ptrdiff_t>(row.offset), row.shape.size(), 0.0F);
  for (const char* method : {"grad_cam", "gradient", "gradient_x_input", "smoothgrad", "integrated_gradients"}) {
    const Explanation found = run_method(method, net);
    const DisplayMap map = display_map(found.attribution, 9, 8);
    EXPECT_TRUE(map.empty()) << method;
    for (float value : map.values) EXPECT_EQ(value, 0.0F) << method;
    if (method == std::string("integrated_gradients")) {
      EXPECT_EQ(found.completeness_error, 0.0);
    }
  }
}

}  // namespace
}  // namespace weightroom::explain
