// Recorded bits of short runs: a recipe, a seed and a set give one file, on every machine and in every version.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "train/checkpoint.h"
#include "train/synthetic.h"
#include "train/trainer.h"

namespace weightroom::train {
namespace {

constexpr int kBitsClasses = 3;
constexpr int kBitsSide = 12;

// Of every class two kinds, told by the file's name alone.
nn::LabelledImages kinds(std::size_t count, std::uint64_t seed) {
  nn::LabelledImages images = synthetic_images(count, kBitsClasses, 3, kBitsSide, seed);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string kind = (i / kBitsClasses) % 2 == 0 ? "n1" : "n2";
    images.names[i] = images.class_names[i % kBitsClasses] + "/" + kind + "_" + std::to_string(i) + ".png";
  }
  return images;
}

Recipe everything() {
  Recipe recipe;
  recipe.net = "conv 5; pool; conv 6 a=0; pool; relu; conv 7 k=1; gap; fc";
  recipe.seed = 21;
  recipe.epochs = 4;
  recipe.batch = 16;
  recipe.chunk = 4;
  recipe.optimizer.learning_rate = 0.05;
  recipe.optimizer.weight_decay = 1e-3;
  recipe.label_smoothing = 0.1;
  recipe.ema = 0.9;
  recipe.augment = {.flip = true,
                    .crop = 1,
                    .zoom_min = 0.8,
                    .zoom_max = 1.1,
                    .aspect = 0.2,
                    .rotation = 5.0,
                    .bend_probability = 0.8,
                    .brightness = 0.2,
                    .contrast = 0.1,
                    .saturation = 0.2,
                    .color = 0.1,
                    .offset = 0.05,
                    .cutout = 2};
  recipe.mix = {.mixup = 0.3, .cutmix = 0.5, .probability = 0.5};
  return recipe;
}

// SHA-256 over the checkpoint after each epoch and what ships.
std::string digest_of_run(const Recipe& recipe, std::span<const nn::Model> teachers = {}) {
  const nn::LabelledImages images = kinds(70, 5);
  const nn::LabelledImages held_out = kinds(21, 6);
  const int answers = recipe.fine_weight > 0.0 ? 3 * kBitsClasses : kBitsClasses;
  auto trainer = Trainer::create(graph_of(recipe, {3, kBitsSide, kBitsSide}, answers), recipe, measure(images), images,
                                 &held_out, 2, teachers);
  EXPECT_TRUE(trainer) << trainer.error().message();
  if (!trainer) return {};
  base::Sha256 hash;
  while (!(*trainer)->finished()) {
    (void)(*trainer)->run_epoch();
    hash.update(write_checkpoint((*trainer)->state(), "a run"));
  }
  const auto shipped = (*trainer)->shipped();
  EXPECT_TRUE(shipped) << shipped.error().message();
  if (shipped) hash.update(std::span<const float>(shipped->weights));
  return hash.finish_hex();
}

TEST(RunBits, SgdWithEverythingThatDraws) {
  EXPECT_EQ(digest_of_run(everything()), "91c94c31daec2857294c6fc2e6d8b1add4177b3ab9fdcc5980652ca0e7b75cc5");
}

TEST(RunBits, AdamwWithPatience) {
  Recipe recipe = everything();
  recipe.optimizer.kind = OptimizerKind::adamw;
  recipe.optimizer.learning_rate = 0.01;
  recipe.schedule.kind = ScheduleKind::cosine;
  recipe.ema = 0.0;
  recipe.patience = 1;
  recipe.epochs = 8;
  EXPECT_EQ(digest_of_run(recipe), "7e7fb5fa612a1c65a4df08ac563cbc646648e1bf1fd4e777a3b4c2dfba8c0ccc");
}

TEST(RunBits, FineLabelsAndCalmEpochs) {
  Recipe recipe = everything();
  recipe.optimizer.nesterov = false;
  recipe.schedule.kind = ScheduleKind::one_cycle_linear;
  recipe.fine_weight = 0.7;
  recipe.calm_epochs = 2;
  EXPECT_EQ(digest_of_run(recipe), "debba9cf57c8e46e75f7475270328739d085e244fbebe4897be3f6cd26a1e8fd");
}

TEST(RunBits, TaughtByTwo) {
  const nn::LabelledImages images = kinds(70, 5);
  std::vector<nn::Model> teachers;
  for (const std::uint64_t seed : {1U, 2U}) {
    Recipe recipe;
    recipe.net = "conv 8; pool; gap; fc";
    const auto graph = graph_of(recipe, {3, kBitsSide, kBitsSide}, kBitsClasses);
    nn::Model& model = teachers.emplace_back();
    model.name = "teacher";
    model.graph = graph;
    model.weights = nn::initial_weights(*graph, seed);
    model.labels = images.class_names;
    model.preprocessing = measure(images);
  }
  Recipe recipe = everything();
  recipe.teachers = "a; b";
  recipe.teacher_weight = 0.6;
  recipe.temperature = 2.0;
  recipe.schedule.kind = ScheduleKind::constant;
  EXPECT_EQ(digest_of_run(recipe, teachers), "34620af2ea80cd712b7ab3d5ea05bd15cc9a3aa505262136da6412bf607657e1");
}

}  // namespace
}  // namespace weightroom::train
