// Layers explained in place of pictures: the same method on what is left of the net behind the layer, whose picture is
// the layer's output.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

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
  const std::pair<const char*, Params> cases[] = {{"gradient", {}},        {"gradient_x_input", {}},
                                                  {"guided_backprop", {}}, {"deconvnet", {}},
                                                  {"deep_lift", picture},  {"integrated_gradients", path}};
  std::size_t count = 0;
  for (const auto& [name, params] : cases) {
    const Explanation found = explain_with(name, net, params, other, layer);
    EXPECT_EQ(found.attribution.shape, (nn::Shape{5, 8, 8})) << name;
    expect_near(found.attribution.values, explain_with(name, rest, params, other_there, -1).attribution.values, name);
    ++count;
  }
  for (const MethodDef& method : methods()) count -= method.takes_layer ? 1 : 0;
  EXPECT_EQ(count, 0U) << "every method that takes a layer is tried";
  const Explanation path_found = explain_with("integrated_gradients", net, path, other, layer);
  EXPECT_LT(path_found.completeness_error, 5e-3);
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
