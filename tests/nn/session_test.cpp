#include "nn/session.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "nn/session_testing.h"
#include "nn/weight_ref.h"
#include "support/nets.h"
#include "support/oracle.h"

namespace weightroom::nn {
namespace {

using test::Net;

using testing::change;
using testing::copy;
using testing::gradients;
using testing::same_bits;
using testing::steps_to_current;

TEST(Session, ForwardStepsRunOneNodeEach) {
  const Net net = test::chain_net(1);
  Session session = net.session();
  EXPECT_FALSE(session.current());
  EXPECT_EQ(steps_to_current(session), static_cast<int>(net.graph->nodes().size()) - 1);
  EXPECT_TRUE(session.forward_step()) << "nothing left";
  Session whole = net.session();
  whole.forward();
  EXPECT_TRUE(same_bits(session.logits().values(), whole.logits().values()));
}

TEST(Session, AChangedWeightRunsOnlyTheNodesFromItsOwnOn) {
  const Net net = test::mixed_net(2);
  for (const char* weight :
       {"conv1.weight[0,0,1,1]", "bn1.running_var[3]", "conv3.weight[7,5,2,2]", "fc.weight[2,3]", "fc.bias[4]"}) {
    Session session = net.session();
    session.forward();
    change(session, weight, 0.25F);
    const int owner = net.graph->weights()[static_cast<std::size_t>(parse_weight_ref(*net.graph, weight)->tensor)].node;
    const auto before = copy(session.activation(owner - 1));
    EXPECT_EQ(steps_to_current(session), static_cast<int>(net.graph->nodes().size()) - owner) << weight;
    EXPECT_TRUE(same_bits(session.activation(owner - 1).values(), before));

    Session fresh(net.graph);
    fresh.set_weights(session.copy_weights());
    fresh.set_input(net.input);
    fresh.forward();
    for (std::size_t node = 0; node < net.graph->nodes().size(); ++node) {
      EXPECT_TRUE(same_bits(session.activation(static_cast<int>(node)).values(),
                            fresh.activation(static_cast<int>(node)).values()))
          << weight << " node " << node;
    }
    const auto partial = gradients(session);
    const auto full = gradients(fresh);
    EXPECT_TRUE(same_bits(partial.input, full.input) && same_bits(partial.weights, full.weights)) << weight;
  }
}

TEST(Session, TheEarliestOfSeveralChangesCounts) {
  const Net net = test::chain_net(3);
  Session session = net.session();
  session.forward();
  change(session, "fc2.bias[0]", 1.0F);
  change(session, "conv2.bias[0]", 1.0F);
  change(session, "fc1.bias[0]", 1.0F);
  EXPECT_EQ(steps_to_current(session), static_cast<int>(net.graph->nodes().size()) - net.node("conv2"));
}

TEST(Session, EqualBitsMarkNothing) {
  const Net net = test::chain_net(4);
  Session session = net.session();
  session.forward();
  session.set_weights(net.weights);
  session.set_input(net.input);
  EXPECT_TRUE(session.current());
  auto negated = net.input;
  negated[0] = 0.0F;
  session.set_input(negated);
  session.forward();
  negated[0] = -0.0F;
  session.set_input(negated);
  EXPECT_FALSE(session.current()) << "-0 has other bits than 0";
}

// What a node gives may be put in its place: all after it follows, all before it stays, and the next input ends it.
TEST(Session, AnActivationPutInPlaceIsFollowed) {
  const Net net = test::chain_net(4);
  Session session = net.session();
  session.forward();
  const auto copy = [](ConstTensor t) { return std::vector<float>(t.values().begin(), t.values().end()); };
  const auto logits = copy(session.logits());
  const auto before = copy(session.activation(net.node("relu1")));
  const int pool = net.node("pool1");
  auto changed = copy(session.activation(pool));
  std::ranges::fill(changed, 0.0F);
  session.set_activation(pool, changed);
  EXPECT_EQ(steps_to_current(session), static_cast<int>(net.graph->nodes().size()) - pool - 1);
  EXPECT_NE(copy(session.logits()), logits);
  EXPECT_EQ(copy(session.activation(net.node("relu1"))), before);
  // By its weights: a second convolution that is given nothing adds its bias alone.
  Session plain = net.session();
  const auto& kernel = net.graph->weights()[static_cast<std::size_t>(net.graph->find_weight("conv2.weight"))];
  plain.set_weights(std::vector<float>(kernel.shape.size(), 0.0F), kernel.offset);
  plain.forward();
  EXPECT_EQ(copy(session.logits()), copy(plain.logits()));
  session.set_input(net.input);
  session.forward();
  EXPECT_EQ(copy(session.logits()), logits) << "the same input as before";
}

// A span that starts in one tensor and first differs in a later one.
TEST(Session, AWideSpanIsStaleFromItsFirstDifference) {
  const Net net = test::chain_net(5);
  Session session = net.session();
  session.forward();
  auto weights = net.weights;
  weights.back() += 1.0F;
  session.set_weights(weights);
  EXPECT_EQ(steps_to_current(session), 1);
  EXPECT_TRUE(same_bits(session.copy_weights(), weights));
}

TEST(Session, ASampleKeepsItsBitsInAnyBatch) {
  const Net net = test::mixed_net(6);
  Session one = net.session();
  one.forward();
  Session three = net.session({.batch = 3});
  auto batch = test::random_values(3 * net.input.size(), 1, "others");
  std::ranges::copy(net.input, batch.begin() + static_cast<std::ptrdiff_t>(net.input.size()));
  three.set_input(batch);
  three.forward();
  EXPECT_TRUE(same_bits({three.logits().sample(1), 5}, one.logits().values()));
  const auto alone = gradients(one, 2).input;
  const auto together = gradients(three, 2).input;
  EXPECT_TRUE(same_bits(std::span(together).subspan(net.input.size(), net.input.size()), alone));
}

// Of one sample, what is joined lives in the joined tensor from the start; of several it is copied there.
TEST(Session, JoinedBranchesKeepTheirOwnActivations) {
  test::SpecBuilder builder({2, 4, 4});
  builder.conv("a", 3, 1, 0).conv("b", 2, 1, 0).add("ab", "concat", {}, {"a", "b"}).conv("c", 4, 1, 0);
  builder.add("all", "concat", {}, {"input", "ab", "c", "a", "c"});  // the input, a concat, and c twice
  builder.add("flat", "flatten").linear("fc", 3);
  const Net net = test::random_net(builder.spec(), 4);
  const auto& graph = net.graph;
  const std::vector<float>& weights = net.weights;
  const std::vector<float> two = test::random_values(2 * 32, 4, "two");
  Session both(graph, {.batch = 2});
  both.set_weights(weights);
  both.set_input(two);
  both.forward();
  const auto expected = gradients(both);
  Session one(graph);
  one.set_weights(weights);
  for (int n = 0; n < 2; ++n) {
    one.set_input(std::span(two).subspan(static_cast<std::size_t>(n) * 32, 32));
    one.forward();
    for (int node = 0; node < static_cast<int>(graph->nodes().size()); ++node) {
      const auto sample = both.activation(node).values().subspan(
          static_cast<std::size_t>(n) * one.activation(node).size(), one.activation(node).size());
      EXPECT_TRUE(same_bits(one.activation(node).values(), sample)) << node;
    }
    EXPECT_TRUE(
        same_bits(gradients(one).input, std::span(expected.input).subspan(static_cast<std::size_t>(n) * 32, 32)));
  }
}

TEST(Session, ThePlainKernelsAgree) {
  for (const Net& net : {test::mixed_net(7), test::chain_net(7), test::smooth_net(7)}) {
    Session fast = net.session();
    Session plain = net.session({.plain = true});
    fast.forward();
    plain.forward();
    for (std::size_t i = 0; i < fast.logits().size(); ++i) {
      EXPECT_NEAR(fast.logits().data[i], plain.logits().data[i], 1e-5);
    }
  }
}

// d f / d activation of every node that leads to the logits, against finite differences in double.
TEST(Session, BackwardReachesEveryActivation) {
  for (const Net& net : {test::mixed_net(8), test::smooth_net(8)}) {
    Session session = net.session();
    test::Oracle oracle(*net.graph, net.weights);
    const auto input = test::widen(net.input);
    const auto seed = one_hot(1, net.graph->class_count(), 1);
    const int last = net.graph->logits();
    for (int node = 0; node < last; ++node) {
      BackwardRequest request;
      request.d_from = seed;
      request.input = false;
      request.keep = {node};
      session.backward(request);
      std::vector<float> found;
      std::vector<std::optional<double>> expected;
      // Every third one: each takes three passes of the oracle.
      for (std::size_t i = 0; i < session.d_activation(node).size(); i += 3) {
        found.push_back(session.d_activation(node).data[i]);
        expected.push_back(oracle.d_activation(input, node, i, 1));
      }
      const auto [relative, missing] = test::difference(found, expected);
      EXPECT_LE(relative, 2e-4) << net.graph->nodes()[static_cast<std::size_t>(node)].name;
      EXPECT_LE(missing, expected.size() / 10);
    }
  }
}

TEST(Session, KeptGradientsDoNotDependOnWhatElseIsAsked) {
  const Net net = test::mixed_net(9);
  Session session = net.session();
  const auto seed = one_hot(1, 5, 3);
  const auto alone = [&](int node) {
    BackwardRequest request;
    request.d_from = seed;
    request.input = false;
    request.keep = {node};
    session.backward(request);
    return copy(session.d_activation(node));
  };
  std::vector<int> all;
  for (int node = 1; node < static_cast<int>(net.graph->nodes().size()); ++node) all.push_back(node);
  BackwardRequest everything;
  everything.d_from = seed;
  everything.weights = true;
  everything.keep = all;
  session.clear_d_weights();
  session.backward(everything);
  std::vector<std::vector<float>> together;
  for (int node : all) together.push_back(copy(session.d_activation(node)));
  const auto input = copy(session.d_activation(0));
  const std::vector<float> weights(session.d_weights().begin(), session.d_weights().end());
  for (int node : all) EXPECT_TRUE(same_bits(alone(node), together[static_cast<std::size_t>(node - 1)])) << node;
  const auto usual = gradients(session, 3);
  EXPECT_TRUE(same_bits(usual.input, input));
  EXPECT_TRUE(same_bits(usual.weights, weights));
}

TEST(Session, BackwardFromAnActivation) {
  const Net net = test::chain_net(10);
  Session session = net.session();
  session.forward();
  const int conv = net.node("conv1");
  std::vector<float> seed(session.activation(conv).size(), 0.0F);
  const auto shape = session.activation(conv).shape;
  seed[static_cast<std::size_t>(2 * shape.h() * shape.w() + 3 * shape.w() + 4)] = 1.0F;  // channel 2 at (3,4)
  BackwardRequest request;
  request.from = conv;
  request.d_from = seed;
  session.backward(request);
  // The gradient of one convolution output is its kernel, in place.
  const auto kernel = net.slice(net.weights, "conv1.weight");
  for (int c = 0; c < 2; ++c) {
    for (int y = 0; y < 9; ++y) {
      for (int x = 0; x < 8; ++x) {
        const int u = y - 2;
        const int v = x - 3;
        const bool under = u >= 0 && u < 3 && v >= 0 && v < 3;
        const float expected = under ? kernel[static_cast<std::size_t>(((2 * 2 + c) * 3 + u) * 3 + v)] : 0.0F;
        EXPECT_EQ(session.d_activation(0).data[(c * 9 + y) * 8 + x], expected);
      }
    }
  }
}

TEST(Session, WeightGradientsAddUpUntilCleared) {
  const Net net = test::chain_net(11);
  Session session = net.session();
  const auto once = gradients(session).weights;
  const auto seed = one_hot(1, 4, 0);
  BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  session.backward(request);
  for (std::size_t i = 0; i < once.size(); ++i)
    EXPECT_NEAR(session.d_weights()[i], 2.0F * once[i], 1e-5F * std::fabs(once[i]));
  EXPECT_TRUE(same_bits(gradients(session).weights, once));
}

TEST(Session, ALastSoftmaxIsNoPartOfTheLogits) {
  test::SpecBuilder spec({1, 4, 4});
  spec.add("flatten", "flatten").linear("fc", 3).add("softmax", "softmax");
  const Net net = test::random_net(spec.spec(), 12);
  Session session = net.session();
  session.forward();
  EXPECT_EQ(net.graph->logits(), net.node("fc"));
  EXPECT_TRUE(same_bits(session.logits().values(), session.activation(net.node("fc")).values()));
  const auto found = gradients(session, 1).input;
  const auto weight = net.slice(net.weights, "fc.weight");
  EXPECT_TRUE(same_bits(found, std::span(weight).subspan(16, 16)));
}

TEST(Session, ARuleMaySeeEveryNode) {
  const Net net = test::mixed_net(13);
  Session session = net.session();
  const auto usual = gradients(session);
  const auto seed = one_hot(1, 5, 0);
  std::vector<std::string> visited;
  const BackwardRule watch = [&](const Node& node, const BackwardArgs& args) {
    EXPECT_EQ(args.output.shape, args.d_output.shape);
    EXPECT_EQ(args.d_inputs.size(), node.inputs.size());
    visited.push_back(node.name);
    return false;
  };
  BackwardRequest request;
  request.d_from = seed;
  request.rule = &watch;
  session.backward(request);
  EXPECT_EQ(visited.size(), net.graph->nodes().size() - 1);
  EXPECT_EQ(visited.front(), "fc");
  EXPECT_EQ(visited.back(), "conv1");
  EXPECT_TRUE(same_bits(session.d_activation(0).values(), usual.input))
      << "a rule that leaves all to the ops changes nothing";
}

TEST(Session, SharesItsWeightsUntilTheyAreSet) {
  const Net net = test::chain_net(14);
  const FlatWeights weights(net.weights);
  Session one(net.graph, weights, {});
  Session two(net.graph, weights, {});
  const auto& tensors = net.graph->weights();
  const auto shares = [&](const Session& session, std::size_t i) {
    return session.weight(static_cast<int>(i)).data() == weights.data() + tensors[i].offset;
  };
  const std::size_t before = one.held_bytes();
  change(one, "conv2.bias[0]", 1.0F);
  const auto changed = static_cast<std::size_t>(parse_weight_ref(*net.graph, "conv2.bias[0]")->tensor);
  EXPECT_EQ(one.held_bytes() - before, tensors[changed].shape.size() * sizeof(float));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(shares(one, i), i != changed) << tensors[i].name;
    EXPECT_TRUE(shares(two, i)) << tensors[i].name;
  }
  for (int time = 0; time < 2; ++time) EXPECT_EQ(weights.copy(), net.weights) << "they are nobody's to change";
}

// Everything that a forward and a backward pass compute, as one number: native, Node and every
// browser must agree on it. Where arithmetic is changed on purpose, the new value is printed here.
TEST(Session, GivesTheSameBitsEverywhere) {
  base::Sha256 hash;
  for (const Net& net : {test::mixed_net(2024), test::chain_net(2024), test::smooth_net(2024)}) {
    Session session = net.session();
    for (int target = 0; target < net.graph->class_count(); ++target) {
      const auto found = gradients(session, target);
      hash.update(std::span<const float>(found.input));
      hash.update(std::span<const float>(found.weights));
    }
    for (std::size_t node = 0; node < net.graph->nodes().size(); ++node) {
      hash.update(session.activation(static_cast<int>(node)).values());
    }
  }
  EXPECT_EQ(hash.finish_hex(), "e613a51b66711863e2871b57be579380d6fc834127306063660247264072aac9");
}

}  // namespace
}  // namespace weightroom::nn
