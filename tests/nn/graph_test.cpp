#include <algorithm>
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/session.h"
#include "support/nets.h"

namespace weightroom::nn {
namespace {

using test::SpecBuilder;
using testing::HasSubstr;

std::string refusal(const GraphSpec& spec) {
  const auto graph = Graph::build(spec);
  return graph ? "accepted" : graph.error().message();
}

TEST(Graph, RefusesABadInput) {
  GraphSpec spec = SpecBuilder({1, 4, 4}).add("relu", "relu").spec();
  spec.input = {1, 4};
  EXPECT_EQ(refusal(spec), "The graph's input must have three extents: channels, height, width.");
  spec.input = {1, 4, 4, 4};
  EXPECT_EQ(refusal(spec), "The graph's input must have three extents: channels, height, width.");
  spec.input = {1, 0, 4};
  EXPECT_EQ(refusal(spec), "The graph's input has an extent that is not positive: (1,0,4).");
  spec.input = {-3, 4, 4};
  EXPECT_EQ(refusal(spec), "The graph's input has an extent that is not positive: (-3,4,4).");
  spec.input = {3, 20000, 20000};
  EXPECT_EQ(refusal(spec), "The graph's input is too large: (3,20000,20000).");
  spec.input = {2147483647, 2147483647, 2147483647};
  EXPECT_THAT(refusal(spec), HasSubstr("too large"));
}

TEST(Graph, RefusesTooFewOrTooManyNodes) {
  EXPECT_EQ(refusal(SpecBuilder({1, 4, 4}).spec()), "The graph has no nodes.");
  SpecBuilder many({1, 1, 1});
  for (int i = 0; i < 10'000; ++i) many.add("n" + std::to_string(i), "relu");
  EXPECT_EQ(refusal(many.spec()), "accepted");
  many.add("one_more", "relu");
  EXPECT_EQ(refusal(many.spec()), "The graph has more than 10,000 nodes.");
}

TEST(Graph, RefusesBadNames) {
  const auto named = [](const std::string& name) { return refusal(SpecBuilder({1, 4, 4}).add(name, "relu").spec()); };
  EXPECT_EQ(named("a_b-c.D9"), "accepted");
  EXPECT_EQ(named(std::string(200, 'x')), "accepted");
  for (const std::string& bad :
       {std::string(), std::string("two words"), std::string("a[0]"), std::string("\xC3\xA4"), std::string(201, 'x')}) {
    EXPECT_THAT(named(bad), HasSubstr("must be 1 to 200 letters, digits, '_', '-' or '.'")) << bad;
  }
  EXPECT_EQ(named("input"), "Two nodes are called 'input'.");
  EXPECT_EQ(refusal(SpecBuilder({1, 4, 4}).add("a", "relu").add("a", "relu").spec()), "Two nodes are called 'a'.");
}

TEST(Graph, RefusesUnknownOps) {
  EXPECT_EQ(refusal(SpecBuilder({1, 4, 4}).add("a", "swish").spec()), "The node 'a' has an unknown op, 'swish'.");
  EXPECT_EQ(refusal(SpecBuilder({1, 4, 4}).add("a", "").spec()), "The node 'a' has an unknown op, ''.");
}

TEST(Graph, RefusesBadInputsOfNodes) {
  SpecBuilder two({1, 4, 4});
  two.add("a", "relu", {}, {"input", "input"});
  EXPECT_EQ(refusal(two.spec()), "The node 'a' (relu) must have 1 input, not 2.");
  SpecBuilder one({1, 4, 4});
  one.add("a", "relu").add("sum", "add", {}, {"a"});
  EXPECT_EQ(refusal(one.spec()), "The node 'sum' (add) must have 2 inputs, not 1.");
  SpecBuilder unknown({1, 4, 4});
  unknown.add("a", "relu", {}, {"nowhere"});
  EXPECT_EQ(refusal(unknown.spec()), "The node 'a' reads 'nowhere', but no earlier node has that name.");
  SpecBuilder later({1, 4, 4});
  later.add("a", "relu", {}, {"b"}).add("b", "relu", {}, {"input"});
  EXPECT_EQ(refusal(later.spec()), "The node 'a' reads 'b', but no earlier node has that name.");
  SpecBuilder itself({1, 4, 4});
  itself.add("a", "relu", {}, {"a"});
  EXPECT_EQ(refusal(itself.spec()), "The node 'a' reads 'a', but no earlier node has that name.");
  GraphSpec none = SpecBuilder({1, 4, 4}).add("a", "relu").spec();
  none.nodes[0].inputs.clear();
  EXPECT_EQ(refusal(none), "The node 'a' (relu) must have 1 input, not 0.");
}

TEST(Graph, RefusesWhatDoesNotFit) {
  EXPECT_THAT(refusal(SpecBuilder({1, 4, 4}).conv("c", 2, 7, 0).spec()),
              HasSubstr("The node 'c' (conv2d) does not fit: "));
  EXPECT_THAT(refusal(SpecBuilder({3, 1, 1}).linear("fc", 2).spec()), HasSubstr("put a flatten before it"));
  EXPECT_THAT(refusal(SpecBuilder({1, 4, 4}).add("r", "relu", {{"slope", 0.1}}).spec()), HasSubstr("'slope'"));
  SpecBuilder sum({2, 4, 4});
  sum.conv("a", 3, 1, 0).add("sum", "add", {}, {"a", "input"});
  EXPECT_THAT(refusal(sum.spec()), HasSubstr("The node 'sum' (add) does not fit: "));
}

TEST(Graph, RefusesTooManyWeights) {
  SpecBuilder spec({16384, 1, 1});
  spec.add("flatten", "flatten").linear("a", 12000, false).linear("b", 7000, false);
  EXPECT_EQ(refusal(spec.spec()), "The graph has more than 268 million weights.");
}

TEST(Graph, KnowsItsParts) {
  const test::Net net = test::mixed_net(1);
  const Graph& graph = *net.graph;
  EXPECT_EQ(graph.nodes()[0].name, "input");
  EXPECT_EQ(graph.find_node("input"), 0);
  EXPECT_EQ(graph.find_node("conv9"), -1);
  EXPECT_EQ(graph.find_weight("conv2.weight"), 6);
  EXPECT_EQ(graph.find_weight("conv3.bias"), -1) << "it has none";
  EXPECT_EQ(graph.class_count(), 5);
  EXPECT_EQ(graph.logits(), graph.find_node("fc"));
  std::size_t offset = 0;
  for (const GraphWeight& weight : graph.weights()) {
    EXPECT_EQ(weight.offset, offset) << weight.name;
    offset += weight.shape.size();
  }
  EXPECT_EQ(offset, graph.weight_count());
  EXPECT_EQ(graph.input_shapes(graph.find_node("sum"), 7), (std::vector<Shape>{{7, 6, 4, 4}, {7, 6, 4, 4}}));
  double sum = 0.0;
  for (const Node& node : graph.nodes()) sum += node.multiply_adds;
  EXPECT_EQ(graph.multiply_adds(), sum);
  EXPECT_GE(sum, 3 * 9 * 6 * 9 * 8) << "conv1 alone";
}

TEST(CanonicalJson, IsWrittenAsRfc8785Says) {
  SpecBuilder spec({1, 4, 6});
  spec.add("conv1", "conv2d",
           {{"stride", std::vector<long long>{1, 2}}, {"kernel", 3LL}, {"out_channels", 2LL}, {"bias", 0LL}});
  spec.add("bn1", "batch_norm", {{"epsilon", 0.001}}).add("sum", "add", {}, {"bn1", "conv1"});
  EXPECT_EQ(
      Graph::build(spec.spec()).value()->canonical_json(),
      R"({"input":[1,4,6],"nodes":[)"
      R"({"attributes":{"bias":0,"kernel":3,"out_channels":2,"stride":[1,2]},"inputs":["input"],"name":"conv1","op":"conv2d"},)"
      R"({"attributes":{"epsilon":0.001},"inputs":["conv1"],"name":"bn1","op":"batch_norm"},)"
      R"({"attributes":{},"inputs":["bn1","conv1"],"name":"sum","op":"add"}]})");
}

// Number::toString of ECMAScript, which RFC 8785 prescribes; the cases near the ends of plain
// notation are its appendix B's kind, scaled into the range that a batch norm's epsilon may have.
TEST(CanonicalJson, WritesRealNumbersInTheirShortestForm) {
  const auto written = [](double value) {
    SpecBuilder spec({1, 2, 2});
    spec.add("bn", "batch_norm", {{"epsilon", value}});
    const std::string json = Graph::build(spec.spec()).value()->canonical_json();
    const std::size_t at = json.find("epsilon\":") + 9;
    return json.substr(at, json.find('}', at) - at);
  };
  EXPECT_EQ(written(1.0), "1");
  EXPECT_EQ(written(0.5), "0.5");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e-5), "0.00001");
  EXPECT_EQ(written(1e-6), "0.000001");
  EXPECT_EQ(written(1.5e-6), "0.0000015");
  EXPECT_EQ(written(1e-7), "1e-7");
  EXPECT_EQ(written(1.25e-7), "1.25e-7");
  EXPECT_EQ(written(1e-27), "1e-27");
  EXPECT_EQ(written(5e-324), "5e-324");
  EXPECT_EQ(written(2.2250738585072014e-308), "2.2250738585072014e-308");
  EXPECT_EQ(written(0.3333333333333333), "0.3333333333333333");
  EXPECT_EQ(written(0.30000000000000004), "0.30000000000000004");
}

TEST(Fingerprint, ChangesWithOneBitOfOneWeight) {
  const test::Net net = test::chain_net(1);
  const std::string before = fingerprint(*net.graph, net.weights);
  EXPECT_EQ(before.size(), 64U);
  EXPECT_EQ(before.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(fingerprint(*net.graph, net.weights), before);
  for (std::size_t i = 0; i < net.weights.size(); i += 97) {
    auto weights = net.weights;
    std::uint32_t bits = 0;
    std::memcpy(&bits, &weights[i], sizeof(bits));
    bits ^= 1U;
    std::memcpy(&weights[i], &bits, sizeof(bits));
    EXPECT_NE(fingerprint(*net.graph, weights), before) << i;
  }
  auto zeros = net.weights;
  zeros[5] = 0.0F;
  const std::string positive = fingerprint(*net.graph, zeros);
  zeros[5] = -0.0F;
  EXPECT_NE(fingerprint(*net.graph, zeros), positive) << "-0 is another bit pattern than 0";
}

TEST(Fingerprint, ChangesWithTheGraph) {
  const auto of = [](const char* name) {
    const auto graph = Graph::build(SpecBuilder({1, 4, 4}).conv(name, 2, 3, 1).spec()).value();
    return fingerprint(*graph, std::vector<float>(graph->weight_count(), 0.5F));
  };
  EXPECT_EQ(of("conv1"), of("conv1"));
  EXPECT_NE(of("conv1"), of("conv2"));
}

// SHA-256 of the canonical JSON and the weights' bytes, worked out with Python's hashlib.
TEST(Fingerprint, IsTheHashThatTheDesignSays) {
  const auto graph = Graph::build(SpecBuilder({1, 1, 1}).add("flatten", "flatten").linear("fc", 1).spec()).value();
  EXPECT_EQ(fingerprint(*graph, std::vector<float>{0.5F, -1.0F}),
            "86f86589501bd2dd5ca2177f14c070880d939ccf6eef653fe3fda642ab8a693c");
}

TEST(InitialWeights, AreReproducibleAndKeyedByName) {
  const test::Net net = test::mixed_net(1);
  const auto first = initial_weights(*net.graph, 5);
  EXPECT_EQ(first, initial_weights(*net.graph, 5));
  EXPECT_NE(first, initial_weights(*net.graph, 6));
  EXPECT_THAT(net.slice(first, "bn1.weight"), testing::Each(1.0F));
  EXPECT_THAT(net.slice(first, "bn1.running_var"), testing::Each(1.0F));
  EXPECT_THAT(net.slice(first, "conv1.bias"), testing::Each(0.0F));

  // A layer's draws do not depend on what stands before it.
  const auto alone = Graph::build(SpecBuilder({6, 4, 4}).conv("conv2", 6, 3, 1, 1, 2).spec()).value();
  const auto kernel = net.slice(first, "conv2.weight");
  const auto found = initial_weights(*alone, 5);
  EXPECT_TRUE(std::equal(kernel.begin(), kernel.end(), found.begin()));
}

// He et al. 2015: variance 2 / fan_in. 36,864 draws of fan-in 144: the variance's standard error is
// 0.7 %.
TEST(InitialWeights, HaveTheVarianceOfHe) {
  const auto graph = Graph::build(SpecBuilder({16, 4, 4}).conv("conv", 256, 3, 1).spec()).value();
  const auto weights = initial_weights(*graph, 1);
  double sum = 0.0;
  double squares = 0.0;
  const std::size_t count = graph->weights()[0].shape.size();
  for (std::size_t i = 0; i < count; ++i) {
    sum += static_cast<double>(weights[i]);
    squares += static_cast<double>(weights[i]) * static_cast<double>(weights[i]);
  }
  const auto n = static_cast<double>(count);
  EXPECT_NEAR(sum / n, 0.0, 4.0 * std::sqrt(2.0 / 144.0 / n));
  EXPECT_NEAR(squares / n, 2.0 / 144.0, 0.03 * 2.0 / 144.0);
}

std::vector<float> logits_of(const std::shared_ptr<const Graph>& graph, std::span<const float> weights,
                             std::span<const float> input) {
  Session session(graph);
  session.set_weights(weights);
  session.set_input(input);
  session.forward();
  return {session.logits().values().begin(), session.logits().values().end()};
}

TEST(FoldBatchNorm, KeepsTheFunction) {
  SpecBuilder spec({3, 9, 8});
  spec.conv("conv1", 6, 3, 1, 1, 1, false).add("bn1", "batch_norm").add("relu1", "relu");
  spec.conv("conv2", 6, 3, 1, 1, 3)
      .add("bn2", "batch_norm", {{"epsilon", 1e-3}})
      .add("sum", "add", {}, {"bn2", "relu1"});
  spec.pool("pool", "max_pool", 2)
      .add("flatten", "flatten")
      .linear("fc1", 7)
      .add("bn3", "batch_norm")
      .add("relu3", "relu");
  spec.linear("fc2", 4, false);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const test::Net net = test::random_net(spec.spec(), seed);
    const auto folded = fold_batch_norm(*net.graph, net.weights);
    ASSERT_TRUE(folded.has_value()) << folded.error().message();
    for (const Node& node : folded->graph->nodes()) EXPECT_FALSE(node.op != nullptr && node.op->name == "batch_norm");
    EXPECT_EQ(folded->graph->nodes().size(), net.graph->nodes().size() - 3);
    const auto before = logits_of(net.graph, net.weights, net.input);
    const auto after = logits_of(folded->graph, folded->weights, net.input);
    for (std::size_t i = 0; i < before.size(); ++i)
      EXPECT_NEAR(after[i], before[i], 1e-5F * std::max(1.0F, std::fabs(before[i])));
  }
}

TEST(FoldBatchNorm, LeavesAGraphWithoutAnyAsItIs) {
  const test::Net net = test::chain_net(1);
  const auto folded = fold_batch_norm(*net.graph, net.weights);
  ASSERT_TRUE(folded.has_value());
  EXPECT_EQ(folded->graph->canonical_json(), net.graph->canonical_json());
  EXPECT_EQ(folded->weights, net.weights);
}

TEST(FoldBatchNorm, RefusesOneThatFollowsSomethingElse) {
  SpecBuilder after_relu({1, 4, 4});
  after_relu.conv("conv1", 2, 3, 1).add("relu1", "relu").add("bn1", "batch_norm");
  const test::Net first = test::random_net(after_relu.spec(), 1);
  EXPECT_EQ(fold_batch_norm(*first.graph, first.weights).error().message(),
            "The batch_norm 'bn1' follows no conv2d or linear of its own, so it cannot be folded.");
  SpecBuilder of_input({1, 4, 4});
  of_input.add("bn1", "batch_norm");
  const test::Net second = test::random_net(of_input.spec(), 1);
  EXPECT_FALSE(fold_batch_norm(*second.graph, second.weights).has_value());
  SpecBuilder shared({1, 4, 4});
  shared.conv("conv1", 1, 3, 1).add("bn1", "batch_norm").add("sum", "add", {}, {"bn1", "conv1"});
  const test::Net third = test::random_net(shared.spec(), 1);
  EXPECT_FALSE(fold_batch_norm(*third.graph, third.weights).has_value()) << "somebody else reads conv1 too";
}

}  // namespace
}  // namespace weightroom::nn
