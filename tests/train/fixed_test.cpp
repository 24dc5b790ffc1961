// Start weights and frozen tensors.
#include <cmath>

#include "nn/session.h"
#include "train/augment.h"
#include "train/fixed_testing.h"

namespace weightroom::train {
namespace {

TEST_F(FixedTest, AStartReplacesRandomWeights) {
  const Recipe recipe = fixed_recipe();
  auto random = trainer(recipe);
  // The weights a run of this seed begins with, given: the same run.
  auto given = trainer(recipe, {.weights = nn::initial_weights(*net(recipe), recipe.seed)});
  while (!random->finished()) {
    (void)random->run_epoch();
    (void)given->run_epoch();
    EXPECT_TRUE(same_bits(random->state().weights, given->state().weights));
    EXPECT_TRUE(same_bits(random->state().average, given->state().average));
  }
  const std::vector<float> start = trained(recipe);
  auto made = trainer(recipe, {.weights = start});
  EXPECT_TRUE(same_bits(made->state().weights, start));
  EXPECT_TRUE(same_bits(made->state().average, start));
  EXPECT_TRUE(same_bits(made->result(), start));
}

TEST_F(FixedTest, RunningStatisticsBeginAsTheStartHasThem) {
  Recipe recipe = fixed_recipe();
  recipe.optimizer.learning_rate = 0.0;
  recipe.norm_momentum = 0.25;
  recipe.ema = 0.0;
  const auto graph = net(recipe);
  const std::vector<float> one = nn::initial_weights(*graph, 4);
  std::vector<float> other = one;
  const int mean = graph->find_weight("bn1.running_mean");
  const std::size_t at = graph->weights()[static_cast<std::size_t>(mean)].offset;
  for (std::size_t c = 0; c < 5; ++c) other[at + c] = 10.0F + static_cast<float>(c);
  auto a = trainer(recipe, {.weights = one});
  auto b = trainer(recipe, {.weights = other});
  (void)a->step(base::Budget::unlimited());
  (void)b->step(base::Budget::unlimited());
  // Three quarters of the difference are left after a step of the same chunks.
  for (std::size_t c = 0; c < 5; ++c)
    EXPECT_NEAR(b->state().weights[at + c] - a->state().weights[at + c], 0.75F * other[at + c], 1e-5F);
}

TEST_F(FixedTest, FrozenTensorsDoNotMoveByABit) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw}) {
    Recipe recipe = fixed_recipe();
    recipe.optimizer.kind = kind;
    const auto graph = net(recipe);
    const std::vector<float> start = trained(recipe);
    for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
             {"conv1"}, {"conv1", "bn1"}, {"bn1.weight", "conv2.weight"}, {"fc"}, {"fc.bias", "bn2.running_mean"}}) {
      const std::vector<int> frozen = tensors(*graph, names);
      auto made = trainer(recipe, {.weights = start, .fixed = {.frozen = frozen, .mask = {}}});
      while (!made->finished()) (void)made->run_epoch();
      const TrainerState& state = made->state();
      for (int t = 0; t < static_cast<int>(graph->weights().size()); ++t) {
        const auto& tensor = graph->weights()[static_cast<std::size_t>(t)];
        const bool still = std::ranges::find(frozen, t) != frozen.end();
        EXPECT_EQ(same_bits(part(*graph, state.weights, t), part(*graph, start, t)), still) << tensor.name;
        EXPECT_EQ(same_bits(part(*graph, state.average, t), part(*graph, start, t)), still) << tensor.name;
        const std::vector<float> zeros(tensor.shape.size(), 0.0F);
        const bool unmoved = still || !tensor.trainable;
        EXPECT_EQ(same_bits(part(*graph, state.moments.first, t), zeros), unmoved) << tensor.name;
        EXPECT_EQ(same_bits(part(*graph, made->gradient(), t), zeros), unmoved) << tensor.name;
        if (kind == OptimizerKind::adamw)
          EXPECT_EQ(same_bits(part(*graph, state.moments.second, t), zeros), unmoved) << tensor.name;
      }
    }
  }
}

TEST_F(FixedTest, TheRestGoesAsIfNothingWereFrozen) {
  // One step: no gradient depends on what else moves.
  const Recipe recipe = fixed_recipe();
  const auto graph = net(recipe);
  auto free = trainer(recipe);
  ASSERT_EQ(free->step(base::Budget::unlimited()), Trainer::Done::step);
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"conv1"}, {"conv1", "bn1.weight", "bn1.bias", "conv2"}, {"fc"}, {"conv2.weight", "fc.weight"}}) {
    const std::vector<int> frozen = tensors(*graph, names);
    auto made = trainer(recipe, {.weights = {}, .fixed = {.frozen = frozen, .mask = {}}});
    ASSERT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::step);
    EXPECT_EQ(made->last_step().loss, free->last_step().loss);
    for (int t = 0; t < static_cast<int>(graph->weights().size()); ++t) {
      if (std::ranges::find(frozen, t) != frozen.end()) continue;
      EXPECT_TRUE(same_bits(part(*graph, made->state().weights, t), part(*graph, free->state().weights, t)))
          << graph->weights()[static_cast<std::size_t>(t)].name;
    }
  }
}

TEST_F(FixedTest, WhatLiesBelowIsNotGoneBackTo) {
  const Recipe recipe = fixed_recipe();
  const auto slices = [&](const std::vector<std::string>& names) {
    auto made = trainer(recipe, {.weights = {}, .fixed = {.frozen = tensors(*net(recipe), names), .mask = {}}});
    int count = 0;
    while (made->step(base::Budget::milliseconds(0.0)) == Trainer::Done::slices) ++count;
    return count;
  };
  // fc alone: none of the nodes before it, in either chunk.
  EXPECT_LT(slices({"conv1", "bn1", "conv2", "bn2"}), slices({}));
}

// Softmax regression in double on what a layer gave: the same rules, by other code.
struct Regression {
  std::vector<std::vector<double>> features;  // of each picture
  std::vector<int> labels;
  std::vector<std::vector<double>> w, w_velocity;
  std::vector<double> b, b_velocity;
  std::vector<std::vector<bool>> kept;

  void step(const Recipe& recipe, double rate) {
    const std::size_t classes = b.size();
    std::vector<std::vector<double>> d_w(classes, std::vector<double>(features[0].size(), 0.0));
    std::vector<double> d_b(classes, 0.0);
    for (std::size_t i = 0; i < features.size(); ++i) {
      std::vector<double> p(classes);
      double sum = 0.0;
      for (std::size_t k = 0; k < classes; ++k) {
        double logit = b[k];
        for (std::size_t f = 0; f < features[i].size(); ++f) logit += w[k][f] * features[i][f];
        sum += p[k] = std::exp(logit);
      }
      for (std::size_t k = 0; k < classes; ++k) {
        const double wanted = (labels[i] == static_cast<int>(k) ? 1.0 - recipe.label_smoothing : 0.0) +
                              recipe.label_smoothing / static_cast<double>(classes);
        const double d = (p[k] / sum - wanted) / static_cast<double>(features.size());
        d_b[k] += d;
        for (std::size_t f = 0; f < features[i].size(); ++f) d_w[k][f] += d * features[i][f];
      }
    }
    const double momentum = recipe.optimizer.momentum;
    for (std::size_t k = 0; k < classes; ++k) {
      b_velocity[k] = momentum * b_velocity[k] + d_b[k];
      b[k] -= rate * (d_b[k] + momentum * b_velocity[k]);
      for (std::size_t f = 0; f < w[k].size(); ++f) {
        if (!kept[k][f]) continue;
        const double g = d_w[k][f] + recipe.optimizer.weight_decay * w[k][f];
        w_velocity[k][f] = momentum * w_velocity[k][f] + g;
        w[k][f] -= rate * (g + momentum * w_velocity[k][f]);
      }
    }
  }
};

TEST_F(FixedTest, TheLastLayerAloneLearnsAsOnPrecomputedFeatures) {
  Recipe recipe = fixed_recipe();
  recipe.epochs = 20;
  recipe.batch = 48;  // all pictures: a step is the whole gradient, whatever their order
  recipe.chunk = 12;
  recipe.ema = 0.0;
  recipe.augment = {};
  recipe.label_smoothing = 0.1;
  recipe.optimizer.learning_rate = 0.5;
  const auto graph = net(recipe);
  Recipe before = fixed_recipe();
  const std::vector<float> start = trained(before);
  const int weight = graph->find_weight("fc.weight");
  const std::size_t width = graph->weights()[static_cast<std::size_t>(weight)].shape.size() / kFixedClasses;

  for (const bool pruned : {false, true}) {
    Start from{.weights = start, .fixed = {.frozen = tensors(*graph, {"conv1", "bn1", "conv2", "bn2"}), .mask = {}}};
    if (pruned) {
      from.fixed.mask.assign(graph->weight_count(), 1);
      for (const std::size_t i : {0U, 3U, 7U, 8U, 16U})
        from.fixed.mask[graph->weights()[static_cast<std::size_t>(weight)].offset + i] = 0;
    }
    auto made = trainer(recipe, from);

    // The features are those of the finished net, by its running statistics.
    Regression oracle;
    nn::Session session(graph, {.batch = 1});
    session.set_weights(start);
    std::vector<float> input(images_.sample_bytes());
    for (std::size_t i = 0; i < images_.count(); ++i) {
      normalise(images_.sample(i), {3, kFixedSide, kFixedSide}, measure(images_), input);
      session.set_input(input);
      session.forward();
      const auto given = session.activation(graph->nodes().back().inputs[0]).values();
      oracle.features.emplace_back(given.begin(), given.end());
      ASSERT_EQ(given.size(), width);
    }
    oracle.labels = images_.labels;
    const auto w = part(*graph, made->state().weights, weight);
    const auto b = part(*graph, start, graph->find_weight("fc.bias"));
    for (std::size_t k = 0; k < kFixedClasses; ++k) {
      oracle.w.emplace_back(w.begin() + static_cast<std::ptrdiff_t>(k * width),
                            w.begin() + static_cast<std::ptrdiff_t>((k + 1) * width));
      oracle.b.push_back(static_cast<double>(b[k]));
      oracle.kept.emplace_back(width, true);
      oracle.w_velocity.emplace_back(width, 0.0);
      oracle.b_velocity.push_back(0.0);
      for (std::size_t f = 0; f < width; ++f) oracle.kept[k][f] = !pruned || w[k * width + f] != 0.0F;
    }
    if (pruned) EXPECT_FALSE(oracle.kept[0][0]);
    while (!made->finished()) {
      ASSERT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::step);
      oracle.step(recipe, made->last_step().learning_rate);
      ASSERT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::epoch);
      const auto now = part(*graph, made->state().weights, weight);
      for (std::size_t k = 0; k < kFixedClasses; ++k) {
        for (std::size_t f = 0; f < width; ++f)
          ASSERT_NEAR(static_cast<double>(now[k * width + f]), oracle.w[k][f], 2e-5) << made->epoch();
        ASSERT_NEAR(static_cast<double>(part(*graph, made->state().weights, graph->find_weight("fc.bias"))[k]),
                    oracle.b[k], 2e-5);
      }
    }
    EXPECT_FALSE(same_bits(part(*graph, made->state().weights, weight), part(*graph, start, weight)));
  }
}

TEST_F(FixedTest, MayChangeInMidRunAndInMidStep) {
  const Recipe recipe = fixed_recipe();
  const auto graph = net(recipe);
  const Fixed fixed{.frozen = tensors(*graph, {"conv1"}), .mask = {}};
  const auto run = [&](int slices) {
    auto made = trainer(recipe);
    while (made->step(base::Budget::unlimited()) != Trainer::Done::step || made->last_step().step < 2) {
    }
    for (int i = 0; i < slices; ++i) (void)made->step(base::Budget::milliseconds(0.0));
    EXPECT_TRUE(made->fix(fixed));
    return made;
  };
  auto wanted = run(0);
  const std::vector<float> then = wanted->state().weights;
  (void)wanted->run_epoch();
  (void)wanted->run_epoch();
  const int conv1 = fixed.frozen[0];
  EXPECT_TRUE(same_bits(part(*graph, wanted->state().weights, conv1), part(*graph, then, conv1)));
  for (const int slices : {1, 9, 20, 40}) {
    auto made = run(slices);
    (void)made->run_epoch();
    (void)made->run_epoch();
    EXPECT_TRUE(same_bits(made->state().weights, wanted->state().weights)) << slices;
  }
  // A step that is moving the weights is ended first.
  auto moving = run(0);
  ASSERT_TRUE(moving->fix({}));
  while (!moving->is_moving()) (void)moving->step(base::Budget::milliseconds(0.0));
  ASSERT_TRUE(moving->fix(fixed));
  EXPECT_FALSE(moving->is_moving());
  EXPECT_EQ(moving->state().step, 3);
  EXPECT_FALSE(same_bits(part(*graph, moving->state().weights, conv1), part(*graph, then, conv1)));
  // Thawed, it moves again; and what is refused changes nothing.
  ASSERT_TRUE(wanted->fix({}));
  EXPECT_FALSE(wanted->fix({.frozen = {-1}, .mask = {}}));
  EXPECT_TRUE(wanted->fixed().frozen.empty());
  (void)wanted->run_epoch();
  EXPECT_FALSE(same_bits(part(*graph, wanted->state().weights, conv1), part(*graph, then, conv1)));
}

TEST_F(FixedTest, RefusesByASentence) {
  const Recipe recipe = fixed_recipe();
  const auto graph = net(recipe);
  const std::string count = std::to_string(graph->weight_count());
  const auto refusal = [&](const Start& start) {
    const auto made = make(recipe, start);
    return made ? std::string() : made.error().message();
  };
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({.weights = {1.0F, 2.0F}}), "There are 2 weights to start from, but the net has " + count + ".");
  std::vector<float> weights = nn::initial_weights(*graph, 1);
  weights.back() = std::nanf("");
  EXPECT_EQ(refusal({.weights = weights}),
            "'fc.bias' of the weights to start from has a value that is not a finite number.");
  const auto refused = [&](const Fixed& fixed) { return refusal({.weights = {}, .fixed = fixed}); };
  EXPECT_EQ(refused({.frozen = {0, 99}, .mask = {}}),
            "There is no weight tensor number 99 to freeze: the net has 12, counted from 0.");
  EXPECT_EQ(refused({.frozen = {}, .mask = {1, 0}}), "The mask has 2 entries, but the net has " + count + " weights.");
  std::vector<std::uint8_t> mask(graph->weight_count(), 1);
  mask[7] = 9;
  EXPECT_EQ(refused({.frozen = {}, .mask = mask}),
            "An entry of the mask is 9; it must be 1, or 0 for a pruned weight.");
  mask[7] = 1;
  const int variance = graph->find_weight("bn2.running_var");
  mask[graph->weights()[static_cast<std::size_t>(variance)].offset] = 0;
  EXPECT_EQ(refused({.frozen = {}, .mask = mask}),
            "The mask prunes 'bn2.running_var', which is measured and not trained.");
  const std::vector<int> all = tensors(*graph, {"conv1", "bn1", "conv2", "bn2", "fc"});
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(refused({.frozen = all, .mask = {}}), "Nothing is left to train: every weight is frozen or pruned.");
  std::vector<std::uint8_t> none(graph->weight_count(), 1);
  for (const nn::GraphWeight& tensor : graph->weights()) {
    if (tensor.node >= graph->find_node("fc"))
      std::fill_n(none.begin() + static_cast<std::ptrdiff_t>(tensor.offset), tensor.shape.size(), std::uint8_t{0});
  }
  EXPECT_EQ(refused({.frozen = tensors(*graph, {"conv1", "bn1", "conv2", "bn2"}), .mask = none}),
            "Nothing is left to train: every weight is frozen or pruned.");

  const auto unknown = [&](const std::string& name) {
    const std::vector<std::string> names{"conv1", name};
    const auto found = find_tensors(*graph, names);
    return found ? std::string() : found.error().message();
  };
  EXPECT_EQ(unknown("conv1.weight"), "");
  EXPECT_EQ(unknown("conv3"), "The net has neither a layer nor a weight tensor 'conv3'.");
  EXPECT_EQ(unknown("relu1"), "The layer 'relu1' has no weights.");
}

TEST_F(FixedTest, ANetNeedsNoRecipeForIt) {
  Recipe recipe = fixed_recipe();
  const auto graph = net(recipe);
  recipe.net.clear();
  EXPECT_FALSE(check(recipe));
  EXPECT_TRUE(Trainer::create(graph, recipe, measure(images_), images_, nullptr, 1));
}

}  // namespace
}  // namespace weightroom::train
