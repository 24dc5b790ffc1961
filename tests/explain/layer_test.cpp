// Layers explained in place of pictures: the same method on what is left of the net behind the layer, whose picture is
// the layer's output.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "explain/noise.h"
#include "explain/pass.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

test::SpecBuilder& tail(test::SpecBuilder& spec) {
  return spec.add("relu2", "relu").pool("pool", "max_pool", 2).add("flatten", "flatten").linear("fc", 3);
}

test::Net whole_net() {
  test::SpecBuilder spec({2, 8, 8});
  spec.conv("conv1", 4, 3, 1).add("relu1", "relu").conv("conv2", 5, 3, 1);
  return test::random_net(tail(spec).spec(), 21);
}

std::vector<float> output_of(const test::Net& net, const std::vector<float>& input, int node) {
  nn::Session session = net.session();
  session.set_input(input);
  session.forward();
  const auto values = session.activation(node).values();
  return {values.begin(), values.end()};
}

// What is behind conv2, as a net of its own.
test::Net rest_of(const test::Net& net) {
  test::SpecBuilder spec({5, 8, 8});
  test::Net rest = test::random_net(tail(spec).spec(), 1);
  rest.weights.assign(net.weights.end() - static_cast<std::ptrdiff_t>(rest.weights.size()), net.weights.end());
  rest.input = output_of(net, net.input, net.node("conv2"));
  return rest;
}

Explanation explain_with(const std::string& name, const test::Net& net, const Params& params,
                         const std::vector<float>& other, int of_layer) {
  nn::Session session = net.session();
  MethodInput asked = input_of(name, session, net, 1, params);
  asked.other = other;
  asked.of_layer = of_layer;
  MapJob job(*find_method(name), std::move(asked));
  while (!job.step(base::Budget::unlimited())) {
  }
  return job.result();
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  double largest = 0.0;
  for (const float value : b) largest = std::max(largest, std::fabs(static_cast<double>(value)));
  ASSERT_GT(largest, 0.0) << what;
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5 * largest) << what << ' ' << i;
}

TEST(Layer, IsExplainedAsThePictureOfTheRest) {
  const test::Net net = whole_net();
  const test::Net rest = rest_of(net);
  const int layer = net.node("conv2");
  // The second picture is the baseline: of the rest, what the layer gives for it.
  const std::vector<float> other = test::random_values(net.input.size(), 3, "other");
  const std::vector<float> other_there = output_of(net, other, layer);
  const Params picture{{"baseline", 4.0}};
  const Params path{{"baseline", 4.0}, {"steps", 40.0}};
  const std::pair<const char*, Params> cases[] = {
      {"gradient", {}},  {"gradient_x_input", {}}, {"guided_backprop", {}},
      {"deconvnet", {}}, {"deep_lift", picture},   {"integrated_gradients", path},
      {"lrp", {}}};
  for (const auto& [name, params] : cases) {
    const Explanation found = explain_with(name, net, params, other, layer);
    EXPECT_EQ(found.attribution.shape, (nn::Shape{5, 8, 8})) << name;
    expect_near(found.attribution.values, explain_with(name, rest, params, other_there, -1).attribution.values, name);
  }
  const Explanation path_found = explain_with("integrated_gradients", net, path, other, layer);
  EXPECT_LT(path_found.completeness_error, 5e-3);
}

std::vector<float> gradient_of(const test::Net& rest, const std::vector<float>& at) {
  nn::Session session = rest.session();
  TargetPass pass(session, 1);
  const auto gradient = pass.input_gradient(at).now();
  return {gradient.begin(), gradient.end()};
}

// Noise on the picture, and the layer's gradient at each copy.
TEST(Layer, SmoothedGradientsAreOfNoisyPictures) {
  const test::Net net = whole_net();
  const test::Net rest = rest_of(net);
  const int layer = net.node("conv2");
  constexpr int kCopies = 4;
  std::vector<std::vector<float>> gradients;
  for (std::uint64_t n = 0; n < kCopies; ++n)
    gradients.push_back(gradient_of(rest, output_of(net, noisy_copy(net.input, 0.4, 7, n), layer)));
  std::vector<float> mean(rest.input.size());
  std::vector<float> square(mean.size());
  std::vector<float> variance(mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    double sum = 0.0;
    double squares = 0.0;
    for (const auto& gradient : gradients) {
      sum += gradient[i];
      squares += std::pow(static_cast<double>(gradient[i]), 2.0);
    }
    mean[i] = static_cast<float>(sum / kCopies);
    square[i] = static_cast<float>(squares / kCopies);
    variance[i] = static_cast<float>(squares / kCopies - std::pow(sum / kCopies, 2.0));
  }
  const Params params{{"samples", kCopies}, {"sigma", 0.4}, {"seed", 7.0}};
  expect_near(explain_with("smoothgrad", net, params, {}, layer).attribution.values, mean, "smoothgrad");
  expect_near(explain_with("smoothgrad_squared", net, params, {}, layer).attribution.values, square, "its square");
  expect_near(explain_with("vargrad", net, params, {}, layer).attribution.values, variance, "vargrad");
}

// Captum's LayerGradientShap: the gradient by the layer between the pictures, times what the layer gives for the
// picture less what it gives for the baseline.
TEST(Layer, GradientShapGoesBetweenPictures) {
  const test::Net net = whole_net();
  const test::Net rest = rest_of(net);
  const int layer = net.node("conv2");
  const std::vector<float> other = test::random_values(net.input.size(), 3, "other");
  const std::vector<float> from = output_of(net, other, layer);
  constexpr int kSamples = 3;
  std::vector<double> sum(from.size(), 0.0);
  for (std::uint64_t n = 0; n < kSamples; ++n) {
    const double place = base::Rng(5, "gradient_shap", n).uniform();
    std::vector<float> point = other;
    for (std::size_t i = 0; i < point.size(); ++i)
      point[i] += static_cast<float>(place * (static_cast<double>(net.input[i]) - static_cast<double>(other[i])));
    const std::vector<float> gradient = gradient_of(rest, output_of(net, point, layer));
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += (static_cast<double>(rest.input[i]) - static_cast<double>(from[i])) * static_cast<double>(gradient[i]);
  }
  std::vector<float> want(sum.size());
  std::ranges::transform(sum, want.begin(), [](double value) { return static_cast<float>(value / kSamples); });
  const Params params{{"samples", kSamples}, {"seed", 5.0}, {"baseline", 4.0}};
  expect_near(explain_with("gradient_shap", net, params, other, layer).attribution.values, want, "gradient_shap");
}

// The shares of a layer that all ways pass add up to what the blur takes away, as those of the picture do.
TEST(Layer, BlurredPicturesGiveSharesThatAddUp) {
  const test::Net net = whole_net();
  const Params params{{"steps", 1000.0}, {"max_sigma", 2.0}};
  const Explanation found = explain_with("blur_ig", net, params, {}, net.node("conv2"));
  EXPECT_EQ(found.attribution.shape, (nn::Shape{5, 8, 8}));
  EXPECT_LT(found.completeness_error, 0.03);  // where the net bends, a step of the sum counts one side alone
  EXPECT_LT(explain_with("blur_ig", net, params, {}, -1).completeness_error, 0.03);
}

// Those that a layer cannot be explained by hide parts of the picture, or make a map of a layer's maps anyway.
TEST(Layer, EveryMethodOfGradientsOrRelevanceTakesOne) {
  for (const MethodDef& method : methods()) {
    const bool passes_back = method.family == Family::gradient || method.family == Family::propagation;
    EXPECT_EQ(method.takes_layer, passes_back && !method.uses_layer) << method.name;
  }
}

// Where a way goes past the layer the picture stays on it, and the shares add up to what the layer changes.
TEST(Layer, WithAWayAroundIt) {
  const test::Net net = test::mixed_net(5);
  const int layer = net.node("conv2");
  const std::vector<float> other = test::random_values(net.input.size(), 3, "other");
  const Explanation found =
      explain_with("integrated_gradients", net, {{"baseline", 4.0}, {"steps", 400.0}}, other, layer);
  nn::Session session = net.session();
  session.forward();
  const double all = session.logits().data[1];
  session.set_activation(layer, output_of(net, other, layer));
  session.forward();
  const double without = session.logits().data[1];
  double sum = 0.0;
  for (const float value : found.attribution.values) sum += value;
  EXPECT_NEAR(sum, all - without, 0.02 * std::fabs(all - without));
}

TEST(Layer, NoiseGoesAroundIt) {
  const test::Net net = whole_net();
  const int layer = net.node("conv2");
  const Params quiet{{"noise", 1.0}, {"noise_samples", 3.0}, {"noise_sigma", 0.0}};
  EXPECT_EQ(explain_with("gradient_x_input", net, quiet, {}, layer).attribution.values,
            explain_with("gradient_x_input", net, {}, {}, layer).attribution.values);
  const Params noisy{{"noise", 3.0}, {"noise_samples", 3.0}, {"noise_sigma", 0.3}};
  const auto spread = explain_with("gradient_x_input", net, noisy, {}, layer).attribution.values;
  EXPECT_EQ(spread.size(), 5U * 8U * 8U);
  EXPECT_GT(*std::ranges::max_element(spread), 0.0F);
}

}  // namespace
}  // namespace weightroom::explain
