// What a session in training leaves out: norms that are settled, gradients of weights nobody asks for.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "nn/session.h"

namespace weightroom::nn {
namespace {

std::shared_ptr<const Graph> two_norms() {
  GraphSpec spec;
  spec.input = {2, 5, 5};
  const auto conv = [](const char* name, const char* input) {
    return NodeSpec{name, "conv2d", {input}, {{"out_channels", 3LL}, {"kernel", 3LL}}};
  };
  spec.nodes = {conv("conv1", "input"),
                {"bn1", "batch_norm", {"conv1"}, {}},
                conv("conv2", "bn1"),
                {"bn2", "batch_norm", {"conv2"}, {}},
                {"gap", "global_avg_pool", {"bn2"}, {}}};
  auto graph = Graph::build(spec);
  EXPECT_TRUE(graph) << graph.error().message();
  return *graph;
}

std::vector<float> noise(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed, "noise");
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.below(1000)) / 500.0F - 0.9F;
  return values;
}

std::vector<float> weights_of(const Graph& graph) {
  std::vector<float> weights = noise(graph.weight_count(), 3);
  for (const GraphWeight& tensor : graph.weights()) {
    if (!tensor.name.ends_with("running_var")) continue;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      weights[tensor.offset + i] = 0.5F + 0.25F * static_cast<float>(i);
  }
  return weights;
}

TEST(Settle, ANormWorksAsOutsideOfTraining) {
  const auto graph = two_norms();
  const auto weights = weights_of(*graph);
  const auto input = noise(4 * graph->spec().input.size(), 8);
  const auto session = [&](bool training) {
    Session made(graph, {.batch = 4, .training = training});
    made.set_weights(weights);
    made.set_input(input);
    return made;
  };
  Session plain = session(false);
  Session all = session(true);
  all.forward();
  const std::vector<float> trained(all.logits().values().begin(), all.logits().values().end());
  all.settle({graph->find_node("bn2"), graph->find_node("bn1")});
  BackwardRequest request;
  const std::vector<float> seed = one_hot(4, 3, 1);
  request.d_from = seed;
  request.weights = true;
  for (Session* at : {&plain, &all}) {
    at->clear_d_weights();
    at->backward(request);
  }
  EXPECT_TRUE(std::ranges::equal(plain.logits().values(), all.logits().values()));
  EXPECT_FALSE(std::ranges::equal(trained, all.logits().values()));
  EXPECT_TRUE(std::ranges::equal(plain.d_weights(), all.d_weights()));
  EXPECT_TRUE(std::ranges::equal(plain.d_activation(0).values(), all.d_activation(0).values()));

  // The first one alone: what comes before the second is as outside of training.
  all.settle({graph->find_node("bn1")});
  all.forward();
  EXPECT_TRUE(std::ranges::equal(plain.activation(2).values(), all.activation(2).values()));
  EXPECT_FALSE(std::ranges::equal(plain.logits().values(), all.logits().values()));
  all.settle({});
  all.forward();
  EXPECT_TRUE(std::ranges::equal(trained, all.logits().values()));
}

TEST(WeightsFrom, GivesTheSameGradientsAndGoesBackNoFurther) {
  const auto graph = two_norms();
  Session whole(graph, {.batch = 4, .training = true});
  Session part(graph, {.batch = 4, .training = true});
  const std::vector<float> seed = one_hot(4, 3, 2);
  const int from = graph->find_node("conv2");
  const std::size_t first = graph->weights()[static_cast<std::size_t>(graph->find_weight("conv2.weight"))].offset;
  const auto steps = [&](Session& session, const BackwardRequest& request) {
    session.set_weights(weights_of(*graph));
    session.set_input(noise(4 * graph->spec().input.size(), 8));
    session.forward();
    session.clear_d_weights();
    session.begin_backward(request);
    int count = 1;
    while (!session.backward_step()) ++count;
    return count;
  };
  BackwardRequest request;
  request.d_from = seed;
  request.input = false;
  request.weights = true;
  EXPECT_EQ(steps(whole, request), 5);
  request.weights_from = from;
  EXPECT_LE(steps(part, request), 4);
  for (std::size_t i = 0; i < graph->weight_count(); ++i)
    EXPECT_EQ(part.d_weights()[i], i < first ? 0.0F : whole.d_weights()[i]) << i;
  // The input's gradient too: the way there is gone, but the weights before stay without one.
  request.input = true;
  EXPECT_EQ(steps(part, request), 5);
  for (std::size_t i = 0; i < first; ++i) EXPECT_EQ(part.d_weights()[i], 0.0F) << i;
}

}  // namespace
}  // namespace weightroom::nn
