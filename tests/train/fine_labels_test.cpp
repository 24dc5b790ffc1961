#include "train/fine_labels.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "nn/session.h"
#include "train/arch.h"
#include "train/synthetic.h"
#include "train/trainer.h"

namespace weightroom::train {
namespace {

constexpr int kClasses = 3;
constexpr int kSide = 12;

// Of every class two kinds, told by the file's name alone.
nn::LabelledImages two_kinds(std::size_t count) {
  nn::LabelledImages images = synthetic_images(count, kClasses, 3, kSide, 4);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string kind = (i / kClasses) % 2 == 0 ? "n1" : "n2";
    images.names[i] = images.class_names[i % kClasses] + "/" + kind + "_" + std::to_string(i) + ".png";
  }
  return images;
}

std::shared_ptr<const nn::Graph> graph_with(const Recipe& recipe, int answers) {
  return graph_of(recipe, {3, kSide, kSide}, answers);
}

Recipe recipe_with_fine_head() {
  Recipe recipe;
  recipe.net = "conv 6; pool; conv 8; gap; fc";
  recipe.epochs = 3;
  recipe.batch = 16;
  recipe.chunk = 4;
  recipe.optimizer.learning_rate = 0.05;
  recipe.mix = {.cutmix = 1.0, .probability = 0.5};
  recipe.fine_weight = 0.7;
  return recipe;
}

TEST(FineLabels, AreOfTheClassAndTheFilesName) {
  nn::LabelledImages images;
  images.class_names = {"cat", "dog"};
  images.labels = {1, 0, 1, 1, 0, 1};
  images.names = {"dog/n2_5.jpg", "cat/n2_1.jpg", "dog/n1_7.jpg", "dog/n2_6.jpg", "cat/tom.jpg", "dog/n1_x_y.jpg"};
  const FineLabels fine = fine_labels(images);
  EXPECT_EQ(fine.names, (std::vector<std::string>{"0/", "0/n2", "1/n1", "1/n2"}));
  EXPECT_EQ(fine.labels, (std::vector<int>{3, 1, 2, 3, 0, 2}));
}

TEST(FineLabels, WithoutNamesAreTheClasses) {
  nn::LabelledImages images;
  images.class_names = {"a", "b"};
  images.labels = {1, 0, 1};
  EXPECT_EQ(fine_labels(images).labels, images.labels);
}

TEST(FirstOutputs, AreTheSameToTheBit) {
  const auto graph = graph_with(recipe_with_fine_head(), 9);
  const std::vector<float> weights = nn::initial_weights(*graph, 5);
  const nn::Folded kept = first_outputs(*graph, weights, 4);
  ASSERT_EQ(kept.graph->class_count(), 4);
  ASSERT_EQ(kept.weights.size(), kept.graph->weight_count());
  std::vector<float> input(3 * kSide * kSide);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 17) * 0.1F - 0.8F;
  nn::Session whole(graph);
  nn::Session part(kept.graph);
  whole.set_weights(weights);
  part.set_weights(kept.weights);
  for (nn::Session* session : {&whole, &part}) {
    session->set_input(input);
    session->forward();
  }
  EXPECT_TRUE(std::ranges::equal(whole.logits().values().first(4), part.logits().values()));
}

TEST(FineHead, IsLearnedAndDropped) {
  const Recipe recipe = recipe_with_fine_head();
  const nn::LabelledImages images = two_kinds(60);
  const auto graph = graph_with(recipe, kClasses + 2 * kClasses);
  const auto run = [&](const Recipe& by, int threads) {
    auto trainer = Trainer::create(graph, by, measure(images), images, &images, threads);
    EXPECT_TRUE(trainer) << trainer.error().message();
    EpochReport report;
    while (!(*trainer)->finished()) report = (*trainer)->run_epoch();
    EXPECT_EQ(report.held_out.class_count.size(), static_cast<std::size_t>(kClasses));
    auto shipped = (*trainer)->shipped();
    EXPECT_TRUE(shipped) << shipped.error().message();
    EXPECT_EQ(shipped->graph->class_count(), kClasses);
    return std::pair(std::vector<float>((*trainer)->result().begin(), (*trainer)->result().end()), shipped->weights);
  };
  const auto [whole, shipped] = run(recipe, 1);
  EXPECT_EQ(whole, run(recipe, 3).first);
  EXPECT_LT(shipped.size(), whole.size());
  // The second head pulls at what is under both: another weight of its loss, another net.
  Recipe stronger = recipe;
  stronger.fine_weight = 1.5;
  EXPECT_NE(shipped, run(stronger, 1).second);
}

// One step of plain SGD without mixing moves the last layer's bias by the rate times the mean of one-hot - softmax.
std::vector<float> step_of_the_bias(double fine_weight) {
  Recipe recipe = recipe_with_fine_head();
  recipe.fine_weight = fine_weight;
  recipe.mix = {};
  recipe.epochs = 1;
  recipe.batch = recipe.chunk = 20;
  recipe.optimizer = {
      .kind = OptimizerKind::sgd, .learning_rate = 0.5, .momentum = 0.0, .nesterov = false, .weight_decay = 0.0};
  recipe.schedule.kind = ScheduleKind::constant;
  const nn::LabelledImages images = two_kinds(20);
  const auto graph = graph_with(recipe, kClasses + 2 * kClasses);
  auto trainer = Trainer::create(graph, recipe, measure(images), images, nullptr, 1);
  EXPECT_TRUE(trainer) << trainer.error().message();
  const std::vector<float> before = (*trainer)->state().weights;
  (void)(*trainer)->run_epoch();
  const nn::GraphWeight& bias = graph->weights().back();
  EXPECT_EQ(bias.name, "fc.bias");
  std::vector<float> moved;
  for (std::size_t k = bias.offset; k < bias.offset + bias.shape.size(); ++k)
    moved.push_back((*trainer)->state().weights[k] - before[k]);
  return moved;
}

TEST(FineHead, HasALossOfItsOwnByItsWeight) {
  const auto once = step_of_the_bias(0.5);
  const auto twice = step_of_the_bias(1.0);
  double classes = 0.0;
  double fine = 0.0;
  for (std::size_t k = 0; k < once.size(); ++k) {
    const bool is_class = k < kClasses;
    EXPECT_NE(once[k], 0.0F) << k;
    EXPECT_NEAR(twice[k], once[k] * (is_class ? 1.0F : 2.0F), 1e-6F) << k;
    (is_class ? classes : fine) += static_cast<double>(once[k]);
  }
  // Two softmaxes, not one over both: each sums to zero by itself.
  EXPECT_NEAR(classes, 0.0, 1e-6);
  EXPECT_NEAR(fine, 0.0, 1e-6);
}

TEST(FineHead, ANetOfTheClassesAloneIsRefused) {
  const Recipe recipe = recipe_with_fine_head();
  const nn::LabelledImages images = two_kinds(60);
  auto trainer = Trainer::create(graph_with(recipe, kClasses), recipe, measure(images), images, nullptr, 1);
  ASSERT_FALSE(trainer);
  EXPECT_EQ(trainer.error().message(), "The net tells 3 classes apart, but the set has 9 with its fine labels.");
}

}  // namespace
}  // namespace weightroom::train
