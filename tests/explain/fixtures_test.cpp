// Fixtures B, C and D of the field: small networks whose maps were worked out by hand or in rational numbers (Captum's
// and Zennit's tests, design/checks/fixtures.py).
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explain/pass.h"
#include "explain/relevance.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

// A net of numbers: (1,1,n) pixels, flattened, with all weights given.
test::Net net_of(const test::SpecBuilder& spec, std::vector<float> weights, std::vector<float> input) {
  test::Net net{nn::Graph::build(spec.spec()).value(), std::move(weights), std::move(input)};
  CHECK(net.weights.size() == net.graph->weight_count() && net.input.size() == net.graph->spec().input.size());
  return net;
}

test::SpecBuilder numbers(int count) {
  test::SpecBuilder spec({1, 1, count});
  spec.add("flatten", "flatten");
  return spec;
}

MATCHER_P(IsNear, tolerance, "") { return std::fabs(std::get<0>(arg) - std::get<1>(arg)) <= tolerance; }

void expect_values(const Explanation& found, const std::vector<float>& expected, float tolerance = 0.0F) {
  EXPECT_THAT(found.attribution.values, Pointwise(IsNear(tolerance), expected));
}

// h = relu(sum(x) + [-10,1,1,1]), out = sum(h) + [-1,1]
test::Net fixture_b(std::vector<float> input) {
  auto spec = numbers(3);
  spec.linear("fc1", 4).add("relu1", "relu").linear("fc2", 2);
  std::vector<float> weights(12, 1.0F);
  for (float bias : {-10.0F, 1.0F, 1.0F, 1.0F}) weights.push_back(bias);
  weights.insert(weights.end(), 8, 1.0F);
  weights.insert(weights.end(), {-1.0F, 1.0F});
  return net_of(spec, weights, std::move(input));
}

TEST(FixtureB, Occlusion) {
  const test::Net net = fixture_b({20, 50, 30});
  expect_values(run_method("occlusion", net, 0, {{"window", 1.0}, {"stride", 1.0}}), {80, 200, 120});
  expect_values(run_method("occlusion", net, 0, {{"window", 2.0}, {"stride", 1.0}}, -1, {10.0F}), {200, 220, 240});
  expect_values(run_method("occlusion", net, 0, {{"window", 2.0}, {"stride", 2.0}}), {280, 280, 120});
  expect_values(run_method("occlusion", net, 0, {{"window", 3.0}}), {390, 390, 390});
}

TEST(FixtureB, ShapleyValues) {
  const test::Net net = fixture_b({20, 50, 30});
  const Explanation exact = run_method("kernel_shap", net, 0, {{"pieces", 3.0}});
  expect_values(exact, {230.0F / 3, 590.0F / 3, 350.0F / 3}, 1e-4F);
  EXPECT_LE(exact.completeness_error, 1e-6);
  nn::Session session = net.session();
  MethodInput input = input_of("kernel_shap", session, net, 0, {{"pieces", 3.0}, {"baseline", 4.0}});
  input.other = {10, 20, 10};
  MapJob job(*find_method("kernel_shap"), input);
  while (!job.step(base::Budget::unlimited())) {
  }
  expect_values(job.result(), {40, 120, 80}, 1e-4F);
}

TEST(FixtureB, IntegratedGradients) {
  const test::Net net = fixture_b({0, 100, 0});
  expect_values(run_method("integrated_gradients", net, 0, {{"mode", 1.0}}), {0, 390, 0}, 1e-3F);
  expect_values(run_method("integrated_gradients", net, 0, {{"steps", 1000.0}}), {0, 390, 0}, 0.5F);
}

// W1 = 2 (3,3), W2 = 3 (1,3), no bias, x = [1,2,3]; with W1[0][0] = first.
test::Net fixture_c(float first) {
  auto spec = numbers(3);
  spec.linear("fc1", 3, false).linear("fc2", 1, false);
  std::vector<float> weights(9, 2.0F);
  weights[0] = first;
  weights.insert(weights.end(), 3, 3.0F);
  return net_of(spec, weights, {1, 2, 3});
}

Explanation relevance(const test::Net& net, const LrpSettings& settings, int target = 0) {
  nn::Session session = net.session();
  TargetPass pass(session, target);
  const float score = pass.logit(net.input).now();
  const nn::BackwardRule rule = relevance_rule(session, settings);
  const auto found = pass.input_gradient(net.input, &rule, score).now();
  return {{net.graph->spec().input, {found.begin(), found.end()}}};
}

TEST(FixtureC, Epsilon) {
  expect_values(run_method("lrp", fixture_c(2)), {18, 36, 54}, 1e-4F);
  expect_values(run_method("lrp", fixture_c(2), 0, {{"rule", 1.0}}), {18, 36, 54}, 1e-4F);
}

TEST(FixtureC, Gamma) {
  const test::Net net = fixture_c(-2);
  const Explanation found = run_method("lrp", net, 0, {{"rule", 4.0}, {"gamma", 1.0}});
  expect_values(found, {28.0F / 3, 104.0F / 3, 52}, 1e-4F);
}

TEST(FixtureC, AlphaBeta) {
  const test::Net net = fixture_c(-2);
  // alpha 1, beta 0
  expect_values(run_method("lrp", net, 0, {{"rule", 2.0}}), {12, 33.6F, 50.4F}, 1e-4F);
  // alpha 2, beta 1. The last layer has nothing that speaks against, so it hands on twice what it gets: 48, 72, 72. Of
  // these x[0] gets 2 (12 + 12) from the last two and -48 from the first, where it alone speaks against.
  expect_values(run_method("lrp", net, 0, {{"rule", 3.0}}), {0, 134.4F, 201.6F}, 1e-3F);
}

TEST(FixtureC, Identity) {
  const test::Net net = fixture_c(-2);
  LrpSettings settings{.rules = lrp_rules(*net.graph, LrpRule::epsilon)};
  settings.rules[static_cast<std::size_t>(net.node("fc1"))] = LrpRule::pass;
  expect_values(relevance(net, settings), {24, 36, 36}, 1e-4F);
}

TEST(FixtureC, Skip) {
  auto spec = numbers(2);
  spec.linear("fc", 2, false).add("sum", "add", {}, {"fc", "flatten"});
  const test::Net net = net_of(spec, {5, 5, 5, 5}, {2, 3});
  expect_values(run_method("lrp", net, 1), {10, 18}, 1e-4F);
}

TEST(FixtureC, MaxPool) {
  test::SpecBuilder spec({1, 2, 2});
  spec.pool("pool", "max_pool", 2).add("flatten", "flatten");
  const test::Net net = net_of(spec, {}, {1, 2, 5, 6});
  expect_values(run_method("lrp", net), {0, 0, 0, 6});
}

// Two ways to write the same function: relu(relu(x1) - 1 - relu(x2)) and relu(relu(x1 - 1) - relu(x2)).
test::Net fixture_d2() {
  auto spec = numbers(2);
  spec.add("relu1", "relu").linear("fc", 1).add("relu2", "relu");
  return net_of(spec, {1, -1, -1}, {3, 1});
}
test::Net fixture_d3() {
  auto spec = numbers(2);
  spec.linear("fc1", 2).add("relu1", "relu").linear("fc2", 1, false).add("relu2", "relu");
  return net_of(spec, {1, 0, 0, 1, -1, 0, 1, -1}, {3, 1});
}

TEST(FixtureD, IntegratedGradientsSeeTheFunctionAlone) {
  expect_values(run_method("integrated_gradients", fixture_d2(), 0, {{"mode", 1.0}}), {1.5F, -0.5F}, 1e-5F);
  expect_values(run_method("integrated_gradients", fixture_d3(), 0, {{"mode", 1.0}}), {1.5F, -0.5F}, 1e-5F);
}

TEST(FixtureD, DeepLiftSeesHowItIsWritten) {
  expect_values(run_method("deep_lift", fixture_d2()), {1.5F, -0.5F}, 1e-6F);
  expect_values(run_method("deep_lift", fixture_d3()), {2, -1}, 1e-6F);
}

// f = 2 relu(x1) + 2 relu(x2 - 1.5)
TEST(FixtureD, DeepLiftAgainstGradientTimesInput) {
  auto spec = numbers(2);
  spec.linear("fc1", 2).add("relu", "relu").linear("fc2", 1, false);
  const test::Net net = net_of(spec, {1, 0, 0, 1, 0, -1.5F, 2, 2}, {1, 2});
  expect_values(run_method("deep_lift", net), {2, 1}, 1e-6F);
  expect_values(run_method("gradient_x_input", net), {2, 4});
}

// f = 1 - relu(1 - x) of each pixel, summed: relu'(0) = 0.
TEST(FixtureD, TheGradientAtAKinkIsNone) {
  test::SpecBuilder spec({1, 1, 6});
  spec.conv("conv", 1, 1, 0).add("relu", "relu").add("flatten", "flatten").linear("fc", 1);
  const test::Net net = net_of(spec, {-1, 1, -1, -1, -1, -1, -1, -1, 6}, {1, 2, 3, 0, -1, 7});
  expect_values(run_method("gradient", net), {0, 0, 0, 1, 1, 0});
}

TEST(FixtureD, DeepLiftThroughAMaximum) {
  test::SpecBuilder spec({1, 1, 4});
  spec.add("pool", "max_pool", {{"kernel", std::vector<long long>{1, 4}}}).add("flatten", "flatten");
  const test::Net net = net_of(spec, {}, {1, 1, 1, 1});
  nn::Session session = net.session();
  MethodInput input = input_of("deep_lift", session, net, 0, {{"baseline", 4.0}});
  input.other = {1, 2, 3, 9};
  MapJob job(*find_method("deep_lift"), input);
  while (!job.step(base::Budget::unlimited())) {
  }
  expect_values(job.result(), {0, 0, 0, -8});
}

// PAIR's separable function without its sine: f = 5 x + y^2, from (0.5, 1) to (1, 2).
TEST(FixtureD, IntegratedGradientsOfASeparableFunction) {
  auto built = numbers(2);
  built.add("square", "mul", {}, {"flatten", "flatten"});
  built.add("squares", "linear", {{"out_features", 1LL}, {"bias", 0LL}}, {"square"});
  built.add("plain", "linear", {{"out_features", 1LL}, {"bias", 0LL}}, {"flatten"});
  built.add("sum", "add", {}, {"squares", "plain"});
  const test::Net net = net_of(built, {0, 1, 5, 0}, {1, 2});
  nn::Session session = net.session();
  MethodInput input = input_of("integrated_gradients", session, net, 0, {{"steps", 8.0}, {"baseline", 4.0}});
  input.other = {0.5F, 1.0F};
  MapJob job(*find_method("integrated_gradients"), input);
  while (!job.step(base::Budget::unlimited())) {
  }
  expect_values(job.result(), {2.5F, 3.0F}, 1e-6F);
}

}  // namespace
}  // namespace weightroom::explain
