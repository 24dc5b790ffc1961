// Pruned weights in training.
#include "train/fixed_testing.h"

namespace weightroom::train {
namespace {

class MaskTest : public FixedTest {};

TEST_F(MaskTest, PrunedWeightsStayZero) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw}) {
    Recipe recipe = fixed_recipe();
    recipe.optimizer.kind = kind;
    recipe.optimizer.weight_decay = 9.0;  // with adamw a factor below -1 at the highest rate
    recipe.optimizer.learning_rate = kind == OptimizerKind::adamw ? 0.3 : 0.01;
    recipe.ema = 0.9;
    const auto graph = net(recipe);
    Fixed fixed;
    fixed.mask.assign(graph->weight_count(), 1);
    for (const char* name : {"conv1.weight", "conv2.weight", "fc.weight", "bn1.bias"}) {
      const auto& tensor = graph->weights()[static_cast<std::size_t>(graph->find_weight(name))];
      for (std::size_t i = 0; i < tensor.shape.size(); i += 3) fixed.mask[tensor.offset + i] = 0;
    }
    auto made = trainer(recipe, {.weights = {}, .fixed = fixed});
    const auto check_zero = [&](std::span<const float> values) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (fixed.mask[i] == 0) {
          ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]), 0U) << i;
        }
      }
    };
    const std::vector<float> random = nn::initial_weights(*graph, recipe.seed);
    for (std::size_t i = 0; i < random.size(); ++i) {
      if (fixed.mask[i] == 1) EXPECT_EQ(made->state().weights[i], random[i]);
    }
    std::size_t moved = 0;
    do {
      const TrainerState& state = made->state();
      check_zero(state.weights);
      check_zero(state.average);
      check_zero(state.moments.first);
      if (kind == OptimizerKind::adamw) check_zero(state.moments.second);
      check_zero(made->gradient());
      for (std::size_t i = 0; i < random.size(); ++i) moved += static_cast<std::size_t>(state.weights[i] != random[i]);
    } while (!made->finished() && made->step(base::Budget::unlimited()) != Trainer::Done::slices);
    EXPECT_GT(moved, random.size());
  }
}

TEST_F(MaskTest, AMaskIsTheSameAsPruningAfterEveryStep) {
  // With plain steps (no momentum) projecting by hand after each one is the same rule.
  Recipe recipe = fixed_recipe();
  recipe.optimizer.momentum = 0.0;
  recipe.ema = 0.0;
  const auto graph = net(recipe);
  Fixed fixed;
  fixed.mask.assign(graph->weight_count(), 1);
  const auto& tensor = graph->weights()[static_cast<std::size_t>(graph->find_weight("conv2.weight"))];
  for (std::size_t i = 0; i < tensor.shape.size(); i += 2) fixed.mask[tensor.offset + i] = 0;
  auto masked = trainer(recipe, {.weights = {}, .fixed = fixed});
  auto by_hand = trainer(recipe);
  const auto project = [&] {
    TrainerState state = by_hand->state();
    for (std::size_t i = 0; i < state.weights.size(); ++i) {
      if (fixed.mask[i] == 0) state.weights[i] = state.moments.first[i] = 0.0F;
    }
    ASSERT_TRUE(by_hand->restore(state));
  };
  project();
  while (!masked->finished()) {
    (void)masked->step(base::Budget::unlimited());
    (void)by_hand->step(base::Budget::unlimited());
    project();
    ASSERT_TRUE(same_bits(masked->state().weights, by_hand->state().weights)) << masked->state().step;
  }
}

TEST_F(MaskTest, ARestoredStateObeysTheMask) {
  const Recipe recipe = fixed_recipe();
  auto free = trainer(recipe);
  (void)free->run_epoch();
  Fixed fixed;
  fixed.mask.assign(free->graph().weight_count(), 1);
  fixed.mask[5] = 0;
  auto made = trainer(recipe, {.weights = {}, .fixed = fixed});
  ASSERT_TRUE(made->restore(free->state()));
  EXPECT_NE(free->state().weights[5], 0.0F);
  EXPECT_EQ(made->state().weights[5], 0.0F);
  EXPECT_EQ(made->state().average[5], 0.0F);
  EXPECT_EQ(made->state().moments.first[5], 0.0F);
  EXPECT_EQ(made->state().weights[6], free->state().weights[6]);
}

}  // namespace
}  // namespace weightroom::train
