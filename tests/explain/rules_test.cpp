// LRP and DeepLIFT on a small network round every op there is: each has a rule that keeps the sum, or the method
// refuses it by name; a new line in nn/ops.inc is tested here at once.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <strings/method.h>

#include "explain/pass.h"
#include "explain/relevance.h"
#include "nn/op_cases.h"
#include "nn/registry.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

using testing::HasSubstr;

class EveryOpRule : public testing::TestWithParam<const nn::OpDef*> {};

// The picture, a linear layer for each input of the op (or none), the op, two logits.
nn::GraphSpec round_op(const nn::OpDef& op, const nn::OpCase& row, bool bias) {
  test::SpecBuilder spec({2, 3, 3});
  spec.add("flatten", "flatten");
  std::vector<std::string> inputs;
  for (std::size_t k = 0; k < row.inputs.size(); ++k) {
    const nn::Shape& shape = row.inputs[k];
    const std::string of = std::to_string(k);
    std::vector<long long> extents;
    for (int axis = 1; axis < shape.rank(); ++axis) extents.push_back(shape[axis]);
    spec.add("before" + of, "linear",
             {{"out_features", static_cast<long long>(shape.sample_size())}, {"bias", bias ? 1LL : 0LL}}, {"flatten"});
    if (shape.rank() > 2) spec.add("shaped" + of, "reshape", {{"shape", extents}});
    inputs.push_back((shape.rank() > 2 ? "shaped" : "before") + of);
  }
  if (inputs.empty()) {  // a constant: something else must read the picture
    nn::GraphSpec graph{{2, 3, 3}, {{"subject", std::string(op.name), {}, row.attributes}}};
    long long size = 1;
    const nn::Shape value = op.infer(row.attributes, {})->output;
    for (int axis = 1; axis < value.rank(); ++axis) size *= value[axis];
    graph.nodes.push_back({"flat_subject", "flatten", {"subject"}, {}});
    graph.nodes.push_back({"flatten", "flatten", {"input"}, {}});
    graph.nodes.push_back({"before0", "linear", {"flatten"}, {{"out_features", size}, {"bias", 0LL}}});
    graph.nodes.push_back({"sum", "add", {"before0", "flat_subject"}, {}});
    graph.nodes.push_back({"logits", "linear", {"sum"}, {{"out_features", 2LL}, {"bias", 0LL}}});
    return graph;
  }
  spec.add("subject", std::string(op.name), row.attributes, inputs);
  spec.add("row", "flatten").linear("logits", 2, bias);
  return spec.spec();
}

std::vector<nn::OpCase> cases_of(const nn::OpDef& op) {
  std::vector<nn::OpCase> cases;
  for (nn::OpCase row : nn::op_cases(op.name).good) {
    bool fits = true;
    for (nn::Shape& shape : row.inputs) {
      fits = fits && shape.rank() > 1 && shape.sample_size() <= 600;
      if (fits) shape.set(0, 1);
    }
    const auto output = fits ? op.infer(row.attributes, row.inputs) : fail("");
    if (output && output->output.rank() > 1) cases.push_back(std::move(row));
  }
  return cases;
}

// Weights with no bias anywhere: all that comes out came in.
test::Net without_biases(const nn::GraphSpec& spec, std::uint64_t seed) {
  test::Net net = test::random_net(spec, seed);
  for (const nn::GraphWeight& weight : net.graph->weights()) {
    if (weight.name.ends_with(".bias") || weight.name.ends_with(".running_mean"))
      std::fill_n(net.weights.begin() + static_cast<std::ptrdiff_t>(weight.offset), weight.shape.size(), 0.0F);
  }
  return net;
}

double sum_of(const std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) {
    EXPECT_TRUE(std::isfinite(value));
    sum += static_cast<double>(value);
  }
  return sum;
}

void expect_refused(const Explanation& found, const nn::OpDef& op, Text title) {
  ASSERT_TRUE(found.note);
  EXPECT_THAT(found.note->said(), HasSubstr(tr(title) + " has no rule for 'subject' (" + std::string(op.name) + ")"));
  for (const float value : found.attribution.values) EXPECT_EQ(value, 0.0F);
}

TEST_P(EveryOpRule, KeepsTheScoreInLrpOrIsRefusedByName) {
  const nn::OpDef& op = *GetParam();
  const std::vector<nn::OpCase> cases = cases_of(op);
  ASSERT_FALSE(cases.empty());
  for (const nn::OpCase& row : cases) {
    const test::Net net = without_biases(round_op(op, row, false), 3);
    const Status suits = check_suits(*find_method("lrp"), *net.graph);
    EXPECT_EQ(suits.has_value(), has_relevance(op) || op.input_count == 0);
    for (const double rule : {0.0, 1.0}) {
      const Explanation found = run_method("lrp", net, 1, {{"rule", rule}, {"epsilon", 1e-9}});
      if (!suits) {
        expect_refused(found, op, text::method_lrp_title);
        continue;
      }
      const double sum = sum_of(found.attribution.values);
      const bool constant = op.constant || (op.traits.border != nullptr && op.traits.border(row.attributes) != 0.0);
      if (rule == 0.0 || constant) continue;  // the first composite's z_plus drops what cancels
      nn::Session session = net.session();
      session.forward();
      const double score = static_cast<double>(session.logits().data[1]);
      EXPECT_NEAR(sum, score, 5e-3 * std::max(1.0, std::fabs(score)));
    }
  }
}

TEST_P(EveryOpRule, AddsUpInDeepLiftOrIsRefusedByName) {
  const nn::OpDef& op = *GetParam();
  for (const nn::OpCase& row : cases_of(op)) {
    const test::Net net = test::random_net(round_op(op, row, true), 5);
    const Explanation found = run_method("deep_lift", net, 1);
    if (!check_suits(*find_method("deep_lift"), *net.graph)) {
      expect_refused(found, op, text::method_deep_lift_title);
      continue;
    }
    (void)sum_of(found.attribution.values);
    EXPECT_LE(found.completeness_error, 5e-3);
  }
}

std::vector<const nn::OpDef*> every_op() {
  std::vector<const nn::OpDef*> all;
  for (const nn::OpDef& op : nn::ops()) all.push_back(&op);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryOpRule, testing::ValuesIn(every_op()),
                         [](const auto& info) { return std::string(info.param->name); });

test::Net with_softmax(bool between) {
  test::SpecBuilder spec({1, 3, 3});
  spec.add("flatten", "flatten").linear("fc1", 4);
  if (between) spec.add("gate", "softmax").linear("fc2", 3);
  spec.add("answer", "softmax");
  return test::random_net(spec.spec(), 2);
}

TEST(Rules, OfASoftmaxBehindTheLogitsAreNotAsked) {
  const test::Net net = with_softmax(false);
  EXPECT_TRUE(check_suits(*find_method("lrp"), *net.graph));
  EXPECT_TRUE(run_method("lrp", net).note == std::nullopt);
}

TEST(Rules, MissingOnesAreNamed) {
  const test::Net net = with_softmax(true);
  const Status lrp = check_suits(*find_method("lrp"), *net.graph);
  ASSERT_FALSE(lrp.has_value());
  EXPECT_EQ(lrp.error().message(), "LRP has no rule for 'gate' (softmax): choose another method for this model.");
  EXPECT_TRUE(check_suits(*find_method("deep_lift"), *net.graph));
  EXPECT_TRUE(check_suits(*find_method("gradient"), *net.graph));
  const auto no_sums = check_rules(*net.graph, text::method_deep_lift_title,
                                   [](const nn::OpDef& op) { return !op.traits.weighted_sum; });
  ASSERT_FALSE(no_sums.has_value());
  EXPECT_EQ(no_sums.error().message(),
            "DeepLIFT has no rule for 'fc1' (linear): choose another method for this model.");
}

// What hangs on constants alone is nobody's relevance.
TEST(Rules, AreNotAskedOfConstants) {
  nn::GraphSpec spec{{1, 2, 2}, {}};
  spec.nodes.push_back({"flatten", "flatten", {"input"}, {}});
  spec.nodes.push_back({"weights", "parameter", {}, {{"shape", 4LL}}});
  spec.nodes.push_back({"shares", "softmax", {"weights"}, {}});
  spec.nodes.push_back({"scaled", "mul", {"flatten", "shares"}, {}});
  spec.nodes.push_back({"fc", "linear", {"scaled"}, {{"out_features", 2LL}}});
  const test::Net net = test::random_net(spec, 4);
  EXPECT_TRUE(check_suits(*find_method("lrp"), *net.graph));
  EXPECT_GT(std::fabs(sum_of(run_method("lrp", net).attribution.values)), 0.0);
}

// A job on a network that the method refuses ends at once, and says why.
TEST(Rules, RefusedJobsAreDone) {
  const test::Net net = with_softmax(true);
  nn::Session session = net.session();
  const auto job = start_method("lrp", session, net);
  EXPECT_EQ(job->progress(), 1.0);
  EXPECT_TRUE(job->step(base::Budget::milliseconds(0.0)));
  ASSERT_TRUE(job->result().note);
  EXPECT_THAT(job->result().note->said(), HasSubstr("'gate'"));
}

// Norms that mix values are held still, and that is told.
TEST(Rules, OfNormsAreTold) {
  test::SpecBuilder spec({1, 3, 3});
  spec.add("flatten", "flatten").linear("fc1", 4).add("norm", "layer_norm").linear("fc2", 3);
  const test::Net net = test::random_net(spec.spec(), 2);
  const auto lrp = run_method("lrp", net);
  ASSERT_TRUE(lrp.note);
  EXPECT_THAT(lrp.note->said(), HasSubstr("norm (layer_norm)"));
  EXPECT_TRUE(run_method("deep_lift", net).note == std::nullopt);
}

}  // namespace
}  // namespace weightroom::explain
