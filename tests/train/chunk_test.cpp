// What the net sees and what its teachers see, and from whom a picture is learned.
#include "train/chunk.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "train/degrade.h"
#include "train/evaluate.h"
#include "train/others.h"
#include "train/synthetic.h"

namespace weightroom::train {
namespace {

constexpr int kChunkClasses = 3;
constexpr int kChunkSide = 8;
constexpr int kChunkPictures = 6;

class ChunkTest : public ::testing::Test {
 protected:
  static Recipe chunk_recipe() {
    Recipe recipe;
    recipe.net = "conv 4; gap; fc";
    recipe.epochs = 2;
    recipe.batch = kChunkPictures;
    recipe.chunk = kChunkPictures;
    return recipe;
  }
  [[nodiscard]] int classes() const { return static_cast<int>(images_.class_names.size()); }
  [[nodiscard]] std::shared_ptr<const nn::Graph> graph(const Recipe& recipe) const {
    return graph_of(recipe, {3, kChunkSide, kChunkSide}, classes());
  }
  [[nodiscard]] std::vector<nn::Model> teacher() const {
    Recipe recipe;
    recipe.net = "conv 5; gap; fc";
    std::vector<nn::Model> models(1);
    models[0].graph = graph(recipe);
    models[0].weights = nn::initial_weights(*models[0].graph, 9);
    models[0].labels = images_.class_names;
    models[0].preprocessing = preprocessing_;
    return models;
  }
  // Loss of the first pictures of the set, and what it says the gradient by the weights is.
  struct Outcome {
    double loss = 0.0;
    std::vector<float> gradient;
    [[nodiscard]] bool operator==(const Outcome&) const = default;
  };
  [[nodiscard]] Outcome outcome(const Recipe& recipe, std::span<const nn::Model> teachers,
                                std::vector<std::uint32_t> pictures) const {
    TrainerState state;
    state.weights = nn::initial_weights(*graph(recipe), 5);
    const std::vector<int> fine;
    Chunk chunk({recipe, preprocessing_, images_, fine}, graph(recipe), teachers);
    chunk.hold({}, 0);
    chunk.begin(0, pictures, state);
    while (!chunk.step()) continue;
    return {chunk.loss(), {chunk.d_weights().begin(), chunk.d_weights().end()}};
  }
  static std::vector<std::uint32_t> some(std::uint32_t first) {
    std::vector<std::uint32_t> pictures(kChunkPictures);
    std::iota(pictures.begin(), pictures.end(), first);
    return pictures;
  }
  // What a net answers in training to these pictures.
  static std::vector<float> answers(const std::shared_ptr<const nn::Graph>& graph, std::span<const float> weights,
                                    std::span<const float> pictures, bool training) {
    nn::Session session(graph, {.batch = kChunkPictures, .training = training, .threads = 1});
    session.set_weights(weights);
    session.set_input(pictures);
    session.forward();
    const float* logits = session.logits().sample(0);
    return {logits, logits + kChunkPictures * graph->class_count()};
  }

  nn::LabelledImages images_ = synthetic_images(20, kChunkClasses, 3, kChunkSide, 1);
  const nn::Preprocessing preprocessing_ = measure(images_);
};

TEST_F(ChunkTest, TheNetSeesTheDegradedPictureAndTheTeacherTheClearOne) {
  Recipe recipe = chunk_recipe();
  recipe.degrade = {.grey = 0.5, .blur_probability = 0.5, .blur = 2.0};
  recipe.teachers = "a";
  recipe.teacher_weight = 1.0;
  recipe.temperature = 2.0;
  const auto teachers = teacher();
  const auto pictures = some(3);
  const Extents extents{3, kChunkSide, kChunkSide};
  std::vector<float> clear(kChunkPictures * extents.size());
  std::vector<float> seen;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto own = std::span(clear).subspan(i * extents.size(), extents.size());
    normalise(images_.sample(pictures[i]), extents, preprocessing_, own);
    std::vector<float> worse(own.begin(), own.end());
    base::Rng rng(recipe.seed, "degrade", pictures[i]);
    degrade(recipe.degrade, extents, preprocessing_, rng, worse);
    seen.insert(seen.end(), worse.begin(), worse.end());
  }
  ASSERT_NE(seen, clear);
  const auto said = answers(graph(recipe), nn::initial_weights(*graph(recipe), 5), seen, true);
  const auto taught = answers(teachers[0].graph, teachers[0].weights, clear, false);
  double loss = 0.0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    std::vector<double> wanted(kChunkClasses, 0.0);
    add_softened(std::span(taught).subspan(i * kChunkClasses, kChunkClasses), recipe.temperature, 1.0, wanted);
    std::vector<float> ignored(kChunkClasses);
    loss += distillation(std::span(said).subspan(i * kChunkClasses, kChunkClasses), wanted, recipe.temperature, 1.0,
                         ignored);
  }
  EXPECT_NEAR(outcome(recipe, teachers, pictures).loss, loss, 1e-9 * loss);
}

TEST_F(ChunkTest, OfPicturesThatAreNoneOfTheClassesTheTeacherHasNoSay) {
  ASSERT_TRUE(add_others(images_, synthetic_images(8, 2, 3, kChunkSide, 3)));
  Recipe recipe = chunk_recipe();
  Recipe taught = recipe;
  taught.teachers = "a";
  taught.teacher_weight = 0.7;
  const auto teachers = teacher();
  ASSERT_TRUE(is_other(images_, 20) && !is_other(images_, 19));
  EXPECT_EQ(outcome(taught, teachers, some(20)), outcome(recipe, {}, some(20)));
  EXPECT_NE(outcome(taught, teachers, some(14)), outcome(recipe, {}, some(14)));
  // Nor of a mixture with one: of two pictures, each mixed with the other where the draw does not leave it to itself.
  recipe.batch = recipe.chunk = taught.batch = taught.chunk = 2;
  int mixed = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    recipe.seed = taught.seed = seed;
    recipe.mix = taught.mix = {};
    const Outcome plain = outcome(recipe, {}, {0, 20});
    recipe.mix = taught.mix = {.cutmix = 1.0};
    if (outcome(recipe, {}, {0, 20}) == plain) continue;
    ++mixed;
    EXPECT_EQ(outcome(taught, teachers, {0, 20}), outcome(recipe, {}, {0, 20}));
    EXPECT_NE(outcome(taught, teachers, {0, 1}), outcome(recipe, {}, {0, 1}));
  }
  EXPECT_GT(mixed, 0);
}

TEST_F(ChunkTest, PicturesThatAreNoneOfTheClassesHaveAZoomOfTheirOwn) {
  ASSERT_TRUE(add_others(images_, synthetic_images(8, 2, 3, kChunkSide, 3)));
  Recipe recipe = chunk_recipe();
  recipe.augment.zoom_min = 0.8;
  Recipe deep = recipe;
  deep.others_zoom = 0.3;
  EXPECT_EQ(outcome(deep, {}, some(0)), outcome(recipe, {}, some(0)));
  EXPECT_NE(outcome(deep, {}, some(20)), outcome(recipe, {}, some(20)));
  recipe.augment.zoom_min = 0.3;
  EXPECT_EQ(outcome(deep, {}, some(20)), outcome(recipe, {}, some(20)));
}

}  // namespace
}  // namespace weightroom::train
