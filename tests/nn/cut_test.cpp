// Nodes that a session cuts into several steps: the same bits, and whatever happens in the middle of one.
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "nn/session_testing.h"
#include "support/nets.h"

namespace weightroom::nn {
namespace {

using test::Net;

using testing::change;
using testing::copy;
using testing::gradients;
using testing::PassGradients;
using testing::same_bits;
using testing::steps_to_current;

constexpr double kWhole = 1e18;  // multiply-adds of a step: no node is cut
constexpr double kTiny = 3e3;

// Convolutions of every way there is (Winograd, direct, packed, scattered, depthwise, 1 x 1, with groups, strides and
// dilation), normalisation, pools and layers, of random extents.
Net random_kinds(std::uint64_t seed) {
  base::Rng rng(seed, "cut_test");
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
  };
  test::SpecBuilder builder({3, draw(20, 31), draw(18, 33)});
  const int channels = 8 * draw(1, 2);
  builder.conv("scattered", channels, 3, 1, 2).add("norm", "batch_norm").add("relu", "relu");
  builder.conv("winograd", 8 * draw(1, 3), 3, 1).add("gelu", "gelu").conv("ones", 12, 1, 0, 1, 1, draw(0, 1) == 1);
  builder.conv("depthwise", 12, 3, 1, 1, 12).conv("groups", 18, 3, 2, 1, 3, true, 2).pool("pool", "max_pool", 2);
  builder.conv("strided", draw(5, 20), 5, 2, 3).conv("packed", 9, 4, 2).pool("mean", "avg_pool", 2);
  builder.add("flatten", "flatten").linear("fc1", draw(20, 70)).add("relu2", "relu").linear("fc2", 5);
  return test::random_net(builder.spec(), seed);
}

struct Everything {
  std::vector<std::vector<float>> activations;
  PassGradients gradients;
};

void set_inputs(Session& session, const Net& net) {
  std::vector<float> all;
  for (int n = 0; n < session.batch(); ++n) {
    for (const float value : net.input) all.push_back(value + 0.25F * static_cast<float>(n));
  }
  session.set_input(all);
}

// Gradients accumulate on what is there already, which must not be done once a cut.
Everything run(Session& session, int target = 1) {
  Everything found;
  session.forward();
  for (int node = 0; node < static_cast<int>(session.graph().nodes().size()); ++node)
    found.activations.push_back(copy(session.activation(node)));
  found.gradients = gradients(session, target);
  const auto seed = one_hot(session.batch(), session.graph().class_count(), target);
  BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  session.backward(request);
  found.gradients.weights.assign(session.d_weights().begin(), session.d_weights().end());
  return found;
}

void expect_same(const Everything& a, const Everything& b) {
  for (std::size_t node = 0; node < a.activations.size(); ++node)
    EXPECT_TRUE(same_bits(a.activations[node], b.activations[node])) << "node " << node;
  EXPECT_TRUE(same_bits(a.gradients.input, b.gradients.input));
  EXPECT_TRUE(same_bits(a.gradients.weights, b.gradients.weights));
}

Session begun(const Net& net, Session::Options options) {
  Session session(net.graph, FlatWeights(net.weights), options);
  set_inputs(session, net);
  return session;
}

TEST(Cut, ChangesNoBit) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const Net net = random_kinds(seed);
    const int batch = 1 + static_cast<int>(seed % 3);
    for (const bool training : {false, true}) {
      Session whole = begun(net, {.batch = batch, .training = training, .threads = 1, .step = kWhole});
      const Everything expected = run(whole);
      for (const int threads : {1, 2}) {
        Session cut = begun(net, {.batch = batch, .training = training, .threads = threads, .step = kTiny});
        expect_same(run(cut), expected);
        if (threads == 1) EXPECT_EQ(cut.held_bytes(), whole.held_bytes());
      }
    }
  }
}

// Steps of a forward pass and of a backward one.
std::pair<int, int> count_steps(Session& session) {
  const int forward = steps_to_current(session);
  const auto seed = one_hot(session.batch(), session.graph().class_count(), 0);
  BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  session.clear_d_weights();
  session.begin_backward(request);
  int backward = 1;
  while (!session.backward_step()) ++backward;
  return {forward, backward};
}

TEST(Cut, ALargeNodeTakesStepsByItsWork) {
  test::SpecBuilder builder({8, 32, 32});
  builder.conv("conv", 8, 3, 1).add("gap", "global_avg_pool").add("flatten", "flatten").linear("fc", 3);
  const Net net = test::random_net(builder.spec(), 3);
  const double work = net.graph->nodes()[1].multiply_adds;
  EXPECT_EQ(work, 8 * 9 * 8 * 1024.0);
  Session whole = begun(net, {.threads = 1, .step = kWhole});
  EXPECT_EQ(count_steps(whole), std::pair(4, 4));
  Session usual = begun(net, {.threads = 1});
  EXPECT_EQ(count_steps(usual), std::pair(4, 4)) << "nothing here takes long";
  // Ten for the convolution and for each of its gradients; by its values a few for the pool.
  const int pool = static_cast<int>(std::ceil((8 * 1024 + 8) * 16.0 / (work / 10)));
  EXPECT_GT(pool, 1);
  Session cut = begun(net, {.threads = 1, .step = work / 10});
  EXPECT_EQ(count_steps(cut), std::pair(10 + pool + 2, 20 + pool + 2));
  // Two threads do twice as much in a step, where both have something to do.
  Session two = begun(net, {.threads = 2, .step = work / 10});
  EXPECT_EQ(count_steps(two), std::pair(5 + pool + 2, 10 + pool + 2));
}

// What makes a node stale in the middle of it makes it begin anew; what does not lets it go on.
TEST(Cut, AChangeInTheMiddleOfANodeIsFollowed) {
  const Net net = random_kinds(40);
  const Session::Options options{.threads = 1, .step = kTiny};
  const auto fresh = [&](const auto& act) {
    Session session = begun(net, options);
    session.forward();
    act(session);
    session.forward();
    return copy(session.logits());
  };
  const auto middle = [&](const auto& act) {
    Session session = begun(net, options);
    const int node = net.node("winograd");
    while (!session.current_through(node - 1)) session.forward_step();
    for (int i = 0; i < 3; ++i) session.forward_step();
    EXPECT_FALSE(session.current_through(node));
    act(session);
    session.forward();
    return copy(session.logits());
  };
  auto other = net.input;
  for (float& value : other) value = -value;
  const std::vector<std::function<void(Session&)>> acts = {
      [](Session&) {},
      [](Session& s) { change(s, "winograd.weight[2,3,1,1]", 0.5F); },
      [](Session& s) { change(s, "winograd.bias[1]", 0.5F); },
      [](Session& s) { change(s, "scattered.bias[1]", 0.5F); },
      [](Session& s) { change(s, "ones.weight[1,2,0,0]", 0.5F); },
      [&](Session& s) { s.set_input(other); },
      [&](Session& s) { s.set_input(net.input); },
      [&](Session& s) { s.bypass({net.node("relu")}); },
      [&](Session& s) { s.bypass({net.node("gelu")}); },
      [&](Session& s) { s.set_activation(net.node("relu"), std::vector<float>(s.activation(3).size(), 0.5F)); },
      [&](Session& s) {
        std::vector<float> half = net.weights;
        for (float& value : half) value *= 0.5F;
        s.begin_anew(FlatWeights(half));
        s.set_input(net.input);
      },
  };
  const auto unchanged = fresh(acts[0]);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const auto expected = fresh(acts[i]);
    EXPECT_TRUE(same_bits(middle(acts[i]), expected)) << i;
    EXPECT_EQ(same_bits(expected, unchanged), i == 0 || i == 6) << i;
  }
}

TEST(Cut, SettlingInTheMiddleOfANodeIsFollowed) {
  const Net net = random_kinds(41);
  Session session = begun(net, {.training = true, .threads = 1, .step = kTiny});
  session.forward_step();
  session.settle({net.node("norm")});
  session.forward();
  Session expected = begun(net, {.training = true, .threads = 1, .step = kWhole});
  expected.settle({net.node("norm")});
  expected.forward();
  EXPECT_TRUE(same_bits(session.logits().values(), expected.logits().values()));
}

TEST(Cut, ABackwardPassBegunAnewInTheMiddleOfANodeIsWhole) {
  const Net net = random_kinds(42);
  Session session = begun(net, {.threads = 1, .step = kTiny});
  Session whole = begun(net, {.threads = 1, .step = kWhole});
  const auto expected = gradients(whole, 2);
  session.forward();
  const auto seed = one_hot(1, 5, 0);
  BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  for (const int steps : {1, 2, 30, 55, 120}) {
    session.clear_d_weights();
    session.begin_backward(request);
    for (int i = 0; i < steps; ++i) ASSERT_FALSE(session.backward_step());
    const auto found = gradients(session, 2);
    EXPECT_TRUE(same_bits(found.input, expected.input) && same_bits(found.weights, expected.weights)) << steps;
  }
}

TEST(Cut, ARuleIsAskedOnceANode) {
  const Net net = random_kinds(43);
  Session session = begun(net, {.threads = 1, .step = kTiny});
  const auto usual = gradients(session);
  const auto seed = one_hot(1, 5, 0);
  std::size_t asked = 0;
  const BackwardRule watch = [&](const Node&, const BackwardArgs& args) {
    EXPECT_EQ(args.cut.count, 1) << "what a rule does it does at once";
    ++asked;
    return false;
  };
  BackwardRequest request;
  request.d_from = seed;
  request.rule = &watch;
  session.backward(request);
  EXPECT_EQ(asked, net.graph->nodes().size() - 1);
  EXPECT_TRUE(same_bits(session.d_activation(0).values(), usual.input));
  const BackwardRule whole = [&](const Node& node, const BackwardArgs& args) {
    node.op->backward(args);
    return true;
  };
  request.rule = &whole;
  session.begin_backward(request);
  std::size_t steps = 1;
  while (!session.backward_step()) ++steps;
  EXPECT_EQ(steps, asked);
  EXPECT_TRUE(same_bits(session.d_activation(0).values(), usual.input));
}

TEST(Cut, StagesShareOutTheirCalls) {
  for (int count = 1; count <= 9; ++count) {
    for (int stages = 1; stages <= 3; ++stages) {
      std::vector<int> calls(static_cast<std::size_t>(stages));
      std::vector<int> lasts(static_cast<std::size_t>(stages));
      int stage_before = 0;
      for (int at = 0; at < count; ++at) {
        for (int stage = 0; stage < stages; ++stage) {
          const auto cut = Cut{at, count}.of_stage(stage, stages);
          if (!cut) continue;
          EXPECT_GE(stage, stage_before) << "one after another";
          stage_before = stage;
          EXPECT_EQ(cut->at, calls[static_cast<std::size_t>(stage)]++);
          lasts[static_cast<std::size_t>(stage)] += cut->last() ? 1 : 0;
        }
      }
      for (const int times : lasts) EXPECT_EQ(times, 1) << count << " calls, " << stages << " stages";
    }
  }
}

}  // namespace
}  // namespace weightroom::nn
