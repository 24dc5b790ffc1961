#include "explain/one_weight.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "run_method.h"

namespace weightroom::explain {
namespace {

void finish_map(base::Task task) {
  while (!task.step()) {
  }
}

WeightShare share(const test::Net& net, nn::Session& session, int target, nn::WeightRef ref) {
  const MethodInput input = input_of("gradient", session, net, target);
  WeightShare found;
  double progress = 0.0;
  finish_map(share_of_weight(input, ref, found, progress));
  EXPECT_EQ(progress, 1.0);
  return found;
}

WeightCurve curve(const test::Net& net, nn::Session& session, int target, nn::WeightRef ref, float reference,
                  float reach) {
  const MethodInput input = input_of("gradient", session, net, target);
  WeightCurve found;
  double progress = 0.0;
  finish_map(curve_of_weight(input, ref, reference, reach, kCurveTrials, found, progress));
  EXPECT_EQ(progress, 1.0);
  return found;
}

// A constant of the model behind the weight reads nothing, and bends nothing.
TEST(WeightCurve, GoesOnBehindAConstant) {
  nn::GraphSpec spec{{1, 4, 4}, {}};
  spec.nodes.push_back({"conv", "conv2d", {"input"}, {{"out_channels", 2LL}, {"kernel", 3LL}}});
  spec.nodes.push_back({"shift", "parameter", {}, {{"shape", std::vector<long long>{2, 1, 1}}}});
  spec.nodes.push_back({"moved", "add", {"conv", "shift"}, {}});
  spec.nodes.push_back({"relu", "relu", {"moved"}, {}});
  spec.nodes.push_back({"flatten", "flatten", {"relu"}, {}});
  spec.nodes.push_back({"fc", "linear", {"flatten"}, {{"out_features", 2LL}}});
  const test::Net net = test::random_net(spec, 3);
  nn::Session session = net.session();
  const WeightCurve found = curve(net, session, 0, {0, 0}, 0.1F, 1.0F);
  EXPECT_TRUE(found.piecewise_linear);
  EXPECT_EQ(found.trials.size(), static_cast<std::size_t>(kCurveTrials));
}

// Slopes of all classes against a whole backward pass each, for weights of every kind of layer.
TEST(WeightShare, IsTheGradientOfEveryClass) {
  const test::Net net = test::mixed_net(4);
  nn::Session session = net.session();
  std::vector<std::vector<float>> gradients;
  for (int c = 0; c < net.graph->class_count(); ++c) gradients.push_back(weight_gradient(session, c));
  const auto& weights = net.graph->weights();
  for (std::size_t t = 0; t < weights.size(); ++t) {
    if (!weights[t].trainable) continue;
    for (std::size_t e = 0; e < weights[t].shape.size(); e += 11) {
      const WeightShare found = share(net, session, 1, {static_cast<int>(t), e});
      ASSERT_EQ(found.classes.size(), gradients.size());
      for (std::size_t k = 0; k < found.classes.size(); ++k) {
        const auto whole =
            static_cast<double>(gradients[static_cast<std::size_t>(found.classes[k])][weights[t].offset + e]);
        EXPECT_NEAR(found.slopes[k], whole, 1e-5 * std::max(1.0, std::fabs(whole))) << weights[t].name << " " << e;
      }
      EXPECT_EQ(found.value, net.weights[weights[t].offset + e]);
      const auto positions = position_map(session, 1, {static_cast<int>(t), e});
      ASSERT_EQ(found.positions.has_value(), positions.has_value()) << weights[t].name;
      if (positions) EXPECT_EQ(found.positions->values, positions->values);
    }
  }
}

TEST(WeightShare, LooksAtTenClassesAndTheTargetOfMany) {
  std::vector<float> logits(40);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i);
  const auto classes = looked_at(logits, 3);
  ASSERT_EQ(classes.size(), 11U);
  EXPECT_EQ(classes.front(), 39);
  EXPECT_EQ(classes.back(), 3);
  EXPECT_EQ(looked_at(logits, 39).size(), 10U);
  logits.resize(32);
  EXPECT_EQ(looked_at(logits, 3).size(), 32U);
}

// methods.md, fixture A: what each weight's loss costs to first order and in truth; they part where a ReLU switches.
TEST(WeightCurve, OfFixtureA) {
  const test::Net net = test::fixture_a();
  nn::Session session = net.session();
  constexpr double kFirstOrder[2][9] = {{10, 13, 16, 22, 25, 28, 34, 37, 40},
                                        {-9, -11, -13, -17, -19, -21, -25, -27, -29}};
  constexpr double kExact[2][9] = {{10, 13, 16, 21, 23, 25, 29, 31, 33}, {-9, -11, -13, -15, -16, -17, -19, -20, -21}};
  const int relu = net.graph->find_node("relu1");
  for (std::size_t filter = 0; filter < 2; ++filter) {
    for (std::size_t i = 0; i < 9; ++i) {
      const WeightCurve found = curve(net, session, 0, {0, 9 * filter + i}, 1.0F, 3.0F);
      ASSERT_EQ(found.classes.size(), 4U);
      const auto k = static_cast<std::size_t>(std::ranges::find(found.classes, 0) - found.classes.begin());
      EXPECT_EQ(found.at_reference.logits[k], 54.0F);
      EXPECT_DOUBLE_EQ(54.0 - found.foretold(k, 0.0F), kFirstOrder[filter][i]);
      EXPECT_EQ(54.0F - found.at_zero.logits[k], static_cast<float>(kExact[filter][i]));
      const bool parts = kFirstOrder[filter][i] != kExact[filter][i];
      // One sum of filter 1 comes to exactly 0 without its third weight: closed, and yet no difference.
      const bool touches = filter == 1 && i == 2;
      EXPECT_EQ(found.at_zero.changes.total > 0, parts || touches) << filter << " " << i;
      EXPECT_EQ(found.at_zero.changes.node, parts || touches ? relu : -1);
      EXPECT_TRUE(found.piecewise_linear);
    }
  }
}

// Every trial is what a session of its own answers; the tangent is exact as long as no kink goes another way.
TEST(WeightCurve, IsRunAndForetold) {
  const test::Net net = test::chain_net(7);
  nn::Session session = net.session();
  const int tensor = net.graph->find_weight("conv1.weight");
  ASSERT_GE(tensor, 0);
  const std::size_t at = net.graph->weights()[static_cast<std::size_t>(tensor)].offset + 5;
  session.set_weights(std::vector<float>{0.77F}, at);  // edited: the tangent is laid at another value
  const WeightCurve found = curve(net, session, 2, {tensor, 5}, net.weights[at], 4.0F);
  EXPECT_EQ(session.weight_at(at), 0.77F) << "put back";
  ASSERT_EQ(found.trials.size(), static_cast<std::size_t>(kCurveTrials));
  EXPECT_EQ(found.trials.front().value, -4.0F);
  EXPECT_EQ(found.trials[kCurveTrials / 2].value, 0.0F);
  EXPECT_EQ(found.trials.back().value, 4.0F);
  int bent = 0;
  for (const WeightTrial& trial : found.trials) {
    test::Net other = net;
    other.weights[at] = trial.value;
    nn::Session alone = other.session();
    alone.forward();
    const auto logits = alone.logits().values();
    for (std::size_t k = 0; k < found.classes.size(); ++k) {
      const float exact = logits[static_cast<std::size_t>(found.classes[k])];
      EXPECT_EQ(trial.logits[k], exact);
      const double off = std::fabs(found.foretold(k, trial.value) - static_cast<double>(exact));
      if (trial.changes.total == 0) EXPECT_LT(off, 1e-4) << trial.value;
    }
    bent += trial.changes.total > 0 ? 1 : 0;
    EXPECT_EQ(trial.changes.total > 0, trial.changes.node >= 0);
  }
  EXPECT_GT(bent, 3);
  const auto range = found.linear();
  EXPECT_LE(range.from, found.reference);
  EXPECT_GE(range.to, found.reference);
  for (const WeightTrial& trial : found.trials) {
    if (trial.value >= range.from && trial.value <= range.to) EXPECT_EQ(trial.changes.total, 0U) << trial.value;
  }
}

TEST(WeightCurve, TellsWhereNothingIsLinear) {
  const test::Net net = test::smooth_net(3);
  nn::Session session = net.session();
  EXPECT_FALSE(curve(net, session, 0, {0, 0}, 0.1F, 1.0F).piecewise_linear);
}

// A maximum that is taken from another place is a kink like any other.
TEST(WeightCurve, SeesAMaximumMove) {
  test::SpecBuilder spec({1, 2, 2});
  spec.conv("conv1", 1, 1, 0).pool("pool1", "max_pool", 2).add("flatten", "flatten").linear("fc", 2);
  test::Net net = test::random_net(spec.spec(), 1);
  net.input = {1.0F, -2.0F, 3.0F, 0.5F};
  const int tensor = net.graph->find_weight("conv1.weight");
  net.weights[net.graph->weights()[static_cast<std::size_t>(tensor)].offset] = 1.0F;
  nn::Session session = net.session();
  const WeightCurve found = curve(net, session, 0, {tensor, 0}, 1.0F, 2.0F);
  for (const WeightTrial& trial : found.trials) {
    if (trial.value == 0.0F) continue;  // all alike there
    EXPECT_EQ(trial.changes.total, trial.value > 0.0F ? 0U : 1U) << trial.value;
  }
}

}  // namespace
}  // namespace weightroom::explain
