#include "train/teachers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "train/evaluate.h"
#include "train/loss.h"
#include "train/synthetic.h"
#include "train/trainer.h"

namespace weightroom::train {
namespace {

constexpr int kTeacherClasses = 4;
constexpr int kTeacherSide = 12;

// temperature^2 x cross-entropy, in double and with libm.
double reference(const std::vector<double>& logits, const std::vector<double>& wanted, double temperature) {
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit / temperature);
  double loss = 0.0;
  for (std::size_t k = 0; k < logits.size(); ++k) loss -= wanted[k] * (logits[k] / temperature - std::log(sum));
  return temperature * temperature * loss;
}

TEST(Distillation, ValueAndGradientAgreeWithTheFormula) {
  const std::vector<float> logits{1.5F, -0.25F, 3.0F, 0.0F};
  const std::vector<double> exact(logits.begin(), logits.end());
  const std::vector<double> wanted{0.5, 0.125, 0.25, 0.125};
  for (const double temperature : {0.5, 1.0, 3.0}) {
    std::vector<float> gradient(logits.size(), 2.0F);  // what stands there stays
    const double loss = distillation(logits, wanted, temperature, 0.25, gradient);
    EXPECT_NEAR(loss, reference(exact, wanted, temperature), 1e-12);
    for (std::size_t k = 0; k < logits.size(); ++k) {
      constexpr double kStep = 1e-5;
      std::vector<double> up = exact;
      std::vector<double> down = exact;
      up[k] += kStep;
      down[k] -= kStep;
      const double slope = (reference(up, wanted, temperature) - reference(down, wanted, temperature)) / (2.0 * kStep);
      EXPECT_NEAR(gradient[k], 2.0 + 0.25 * slope, 1e-6) << k;
    }
  }
}

TEST(Distillation, SoftenedProbabilitiesAreSharesOfASum) {
  const std::vector<float> logits{std::log(8.0F), std::log(2.0F), 0.0F};
  std::vector<double> sum{0.0, 0.0, 1.0};
  add_softened(logits, 1.0, 0.5, sum);
  EXPECT_NEAR(sum[0], 0.5 * 8.0 / 11.0, 1e-7);
  EXPECT_NEAR(sum[2], 1.0 + 0.5 / 11.0, 1e-7);
  std::vector<double> flat(3, 0.0);
  add_softened(logits, 1e6, 1.0, flat);
  for (const double p : flat) EXPECT_NEAR(p, 1.0 / 3.0, 1e-6);
}

class TeachersTest : public ::testing::Test {
 protected:
  static Recipe pupil_recipe() {
    Recipe recipe;
    recipe.net = "conv 6; pool; conv 8; gap; fc";
    recipe.epochs = 12;
    recipe.batch = 16;
    recipe.chunk = 4;
    recipe.optimizer.learning_rate = 0.1;
    recipe.augment = {.flip = true, .crop = 1};
    recipe.mix = {.cutmix = 0.5, .probability = 0.5};
    recipe.teachers = "a; b";
    recipe.teacher_weight = 1.0;
    recipe.temperature = 2.0;
    return recipe;
  }
  [[nodiscard]] std::shared_ptr<const nn::Graph> graph(const Recipe& recipe) const {
    return graph_of(recipe, {images_.channels, kTeacherSide, kTeacherSide}, kTeacherClasses);
  }
  // A net that knows the pictures by heart.
  [[nodiscard]] nn::Model teacher(std::uint64_t seed) const {
    Recipe recipe;
    recipe.net = "conv 8; pool; conv 16; gap; fc";
    recipe.seed = seed;
    recipe.epochs = 25;
    recipe.batch = 16;
    recipe.chunk = 16;
    recipe.optimizer.learning_rate = 0.1;
    auto trainer = Trainer::create(graph(recipe), recipe, measure(images_), images_, nullptr, 1);
    while (!(*trainer)->finished()) (void)(*trainer)->run_epoch();
    auto net = (*trainer)->shipped();
    EXPECT_TRUE(net);
    nn::Model model;
    model.name = "teacher";
    model.graph = net->graph;
    model.weights = net->weights;
    model.labels = images_.class_names;
    model.preprocessing = measure(images_);
    return model;
  }
  [[nodiscard]] std::vector<float> taught(const Recipe& recipe, const nn::LabelledImages& images,
                                          std::span<const nn::Model> teachers, int threads) const {
    auto trainer = Trainer::create(graph(recipe), recipe, measure(images), images, nullptr, threads, teachers);
    EXPECT_TRUE(trainer) << trainer.error().message();
    while (!(*trainer)->finished()) (void)(*trainer)->run_epoch();
    return {(*trainer)->result().begin(), (*trainer)->result().end()};
  }

  const nn::LabelledImages images_ = synthetic_images(70, kTeacherClasses, 3, kTeacherSide, 1);
};

TEST_F(TeachersTest, AnswerIsTheMeanOfTheirSoftenedProbabilities) {
  const nn::Model models[] = {teacher(1), teacher(2)};
  constexpr int kCount = 12;  // not a multiple of what is answered at once
  std::vector<float> input(kCount * images_.sample_bytes());
  for (std::size_t i = 0; i < kCount; ++i)
    normalise(images_.sample(i), {3, kTeacherSide, kTeacherSide}, models[0].preprocessing,
              std::span(input).subspan(i * images_.sample_bytes(), images_.sample_bytes()));
  Teachers teachers(models, kCount);
  const auto answer = teachers.answer(input, 2.0);
  ASSERT_EQ(answer.size(), static_cast<std::size_t>(kCount * kTeacherClasses));
  for (std::size_t i = 0; i < kCount; ++i) {
    std::vector<double> wanted(kTeacherClasses, 0.0);
    for (const nn::Model& model : models) {
      nn::Session session(model.graph, {.batch = 1});
      session.set_weights(model.weights);
      session.set_input(std::span(input).subspan(i * images_.sample_bytes(), images_.sample_bytes()));
      session.forward();
      add_softened({session.logits().sample(0), kTeacherClasses}, 2.0, 0.5, wanted);
    }
    for (std::size_t k = 0; k < kTeacherClasses; ++k) EXPECT_NEAR(answer[i * kTeacherClasses + k], wanted[k], 1e-9);
  }
}

TEST_F(TeachersTest, APupilOfTeachersAloneNeedsNoLabels) {
  const nn::Model models[] = {teacher(1), teacher(2)};
  nn::LabelledImages unlabelled = images_;
  std::ranges::fill(unlabelled.labels, 0);
  const Recipe recipe = pupil_recipe();
  const std::vector<float> weights = taught(recipe, unlabelled, models, 2);
  EXPECT_GE(evaluate({graph(recipe), weights, measure(images_)}, images_, 1).top1, 0.95);
  // And labels change nothing for it.
  EXPECT_EQ(weights, taught(recipe, images_, models, 1));
}

TEST_F(TeachersTest, ShareAndTemperatureAndWhoTeachesAllMatter) {
  const nn::Model models[] = {teacher(1), teacher(2)};
  Recipe recipe = pupil_recipe();
  recipe.epochs = 1;
  const auto all = taught(recipe, images_, models, 1);
  EXPECT_NE(all, taught(recipe, images_, std::span(models).first(1), 1));
  Recipe other = recipe;
  other.temperature = 1.0;
  EXPECT_NE(all, taught(other, images_, models, 1));
  other = recipe;
  other.teacher_weight = 0.5;
  EXPECT_NE(all, taught(other, images_, models, 1));
}

TEST_F(TeachersTest, AnotherSetsTeacherIsRefused) {
  const auto refusal = [&](nn::Model model) {
    const Status status = Teachers::check({&model, 1}, images_, measure(images_));
    return status ? std::string() : status.error().message();
  };
  const nn::Model good = teacher(1);
  EXPECT_EQ(refusal(good), "");
  nn::Model bad = good;
  std::swap(bad.labels[0], bad.labels[1]);
  EXPECT_EQ(refusal(bad), "The teacher 'teacher' knows other classes than the set has.");
  bad = good;
  bad.preprocessing.std[1] += 0.1F;
  EXPECT_NE(refusal(bad).find("was trained on another set"), std::string::npos);
  bad = good;
  bad.graph = graph_of(pupil_recipe(), {3, kTeacherSide + 1, kTeacherSide}, kTeacherClasses);
  EXPECT_NE(refusal(bad).find("reads pictures of (3,13,12), but the set has (3,12,12)"), std::string::npos);
}

TEST(TeachersRecipe, NeedsBothOrNeither) {
  Recipe recipe;
  recipe.net = "conv 4; gap; fc";
  EXPECT_TRUE(check(recipe));
  recipe.teachers = "a.safetensors";
  EXPECT_NE(check(recipe).error().message().find("both 'teachers' and a 'teacher_weight'"), std::string::npos);
  recipe.teacher_weight = 0.5;
  EXPECT_TRUE(check(recipe));
  recipe.temperature = 0.0;
  EXPECT_NE(check(recipe).error().message().find("'temperature'"), std::string::npos);
}

}  // namespace
}  // namespace weightroom::train
