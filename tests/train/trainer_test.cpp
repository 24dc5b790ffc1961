#include "train/trainer.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "train/arch.h"
#include "train/checkpoint.h"
#include "train/synthetic.h"

namespace weightroom::train {
namespace {

constexpr int kNetClasses = 4;
constexpr int kNetSide = 12;

// Everything that draws random numbers or keeps state is on.
Recipe busy_recipe() {
  Recipe recipe;
  recipe.net = "conv 6; pool; conv 8 k=1; gap; fc";
  recipe.seed = 9;
  recipe.epochs = 4;
  recipe.batch = 16;
  recipe.chunk = 4;
  recipe.optimizer.learning_rate = 0.05;
  recipe.optimizer.weight_decay = 1e-3;
  recipe.label_smoothing = 0.1;
  recipe.ema = 0.9;
  recipe.augment = {
      .flip = true, .crop = 1, .zoom_min = 0.8, .zoom_max = 1.1, .brightness = 0.2, .contrast = 0.1, .cutout = 2};
  recipe.mix = {.mixup = 0.3, .cutmix = 0.5, .probability = 0.5};
  return recipe;
}

std::shared_ptr<const nn::Graph> graph_of(const Recipe& recipe, const nn::LabelledImages& images) {
  return graph_of(recipe, {images.channels, images.height, images.width}, static_cast<int>(images.class_names.size()));
}

class TrainerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Trainer> trainer(const Recipe& recipe, int threads) {
    auto made = Trainer::create(graph_of(recipe, images_), recipe, measure(images_), images_, &held_out_, threads);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  static std::vector<float> run(Trainer& trainer) {
    while (!trainer.finished()) (void)trainer.run_epoch();
    return {trainer.result().begin(), trainer.result().end()};
  }

  const nn::LabelledImages images_ = synthetic_images(70, kNetClasses, 3, kNetSide, 1);
  const nn::LabelledImages held_out_ = synthetic_images(21, kNetClasses, 3, kNetSide, 2);
};

TEST_F(TrainerTest, SameWeightsOnAnyNumberOfThreads) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw}) {
    Recipe recipe = busy_recipe();
    recipe.optimizer.kind = kind;
    const auto one = run(*trainer(recipe, 1));
    EXPECT_EQ(one, run(*trainer(recipe, 2)));
    EXPECT_EQ(one, run(*trainer(recipe, 3)));
    for (const float weight : one) ASSERT_TRUE(std::isfinite(weight));
  }
}

TEST_F(TrainerTest, AnotherSeedGivesOtherWeights) {
  Recipe recipe = busy_recipe();
  const auto one = run(*trainer(recipe, 1));
  recipe.seed = 10;
  EXPECT_NE(one, run(*trainer(recipe, 1)));
}

TEST_F(TrainerTest, ResumedRunEndsAsAnUninterruptedOne) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw}) {
    for (const int patience : {0, 3}) {
      Recipe recipe = busy_recipe();
      recipe.optimizer.kind = kind;
      recipe.patience = patience;
      auto whole = trainer(recipe, 2);
      const auto wanted = run(*whole);
      std::vector<std::byte> kept;
      {
        auto first = trainer(recipe, 1);
        (void)first->run_epoch();
        (void)first->run_epoch();
        kept = write_checkpoint(first->state(), "this run");
      }
      auto second = trainer(recipe, 2);
      auto state = read_checkpoint(kept, "this run");
      ASSERT_TRUE(state) << state.error().message();
      ASSERT_TRUE(second->restore(std::move(*state)));
      EXPECT_EQ(second->epoch(), 2);
      EXPECT_EQ(wanted, run(*second));
      EXPECT_EQ(write_checkpoint(whole->state(), ""), write_checkpoint(second->state(), ""));
    }
  }
}

TEST_F(TrainerTest, CalmEpochsAreTheLastOnesAndNeitherMixNorBendNorPaintOver) {
  const Recipe wild = busy_recipe();
  Recipe calm = wild;
  calm.calm_epochs = 1;
  const auto a = trainer(wild, 1);
  const auto b = trainer(calm, 1);
  const auto same = [&] { return std::ranges::equal(a->state().weights, b->state().weights); };
  for (int epoch = 0; epoch + 1 < wild.epochs; ++epoch) {
    (void)a->run_epoch();
    (void)b->run_epoch();
    EXPECT_TRUE(same()) << epoch;
  }
  (void)a->run_epoch();
  (void)b->run_epoch();
  EXPECT_FALSE(same());
  // All epochs calm: the same as a recipe without any of it.
  calm.calm_epochs = calm.epochs;
  Recipe plain = wild;
  plain.augment.bend_probability = 0.0;
  plain.augment.cutout = 0;
  plain.mix = {};
  EXPECT_EQ(run(*trainer(calm, 1)), run(*trainer(plain, 1)));
}

TEST_F(TrainerTest, LearnsASmallSetByHeart) {
  Recipe recipe;
  recipe.net = "conv 8; pool; conv 16; gap; fc";
  recipe.epochs = 30;
  recipe.batch = 16;
  recipe.chunk = 16;
  recipe.optimizer.learning_rate = 0.1;
  auto made = trainer(recipe, 2);
  EpochReport last;
  while (!made->finished()) last = made->run_epoch();
  EXPECT_EQ(last.accuracy, 1.0);
  EXPECT_EQ(last.held_out.top1, 1.0);
  EXPECT_LT(last.loss, 0.2);
  const Evaluation own = evaluate({graph_of(recipe, images_), made->result(), measure(images_)}, images_, 1);
  EXPECT_EQ(own.top1, 1.0);
}

TEST_F(TrainerTest, PatienceStopsAndKeepsTheBest) {
  Recipe recipe;
  recipe.net = "conv 4; gap; fc";
  recipe.epochs = 50;
  recipe.batch = 32;
  recipe.patience = 2;
  recipe.optimizer.learning_rate = 0.2;
  auto made = trainer(recipe, 1);
  double best = -1.0;
  int best_epoch = 0;
  while (!made->finished()) {
    const EpochReport report = made->run_epoch();
    EXPECT_EQ(report.best, report.held_out.top1 > best);
    if (report.best) best_epoch = report.epoch;
    best = std::max(best, report.held_out.top1);
  }
  EXPECT_LT(made->epoch(), 50);
  EXPECT_EQ(made->epoch(), best_epoch + 2);
  auto folded = nn::fold_batch_norm(*graph_of(recipe, images_), made->result());
  ASSERT_TRUE(folded);
  EXPECT_EQ(evaluate({folded->graph, folded->weights, measure(images_)}, held_out_, 1).top1, best);
}

TEST_F(TrainerTest, ReportsWhatItDid) {
  const Recipe recipe = busy_recipe();
  auto made = trainer(recipe, 1);
  EXPECT_EQ(made->steps_per_epoch(), 70 / 16);
  long long calls = 0;
  const EpochReport report = made->run_epoch([&](long long step, long long steps, double loss) {
    EXPECT_EQ(step, ++calls);
    EXPECT_EQ(steps, 4);
    EXPECT_GT(loss, 0.0);
  });
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(report.epoch, 1);
  EXPECT_TRUE(report.measured);
  EXPECT_EQ(report.held_out.count, held_out_.count());
  EXPECT_TRUE(report.best);
}

TEST_F(TrainerTest, RunningStatisticsFollowTheChunks) {
  // A learning rate of nothing: the net stays as it is and only the statistics move, towards those of its input.
  Recipe recipe;
  recipe.net = "conv 1 k=1; gap; fc";
  recipe.epochs = 40;
  recipe.batch = 64;
  recipe.chunk = 32;
  recipe.optimizer.learning_rate = 0.0;
  recipe.norm_momentum = 0.2;
  auto made = trainer(recipe, 2);
  const auto graph = graph_of(recipe, images_);
  const std::vector<float> before = nn::initial_weights(*graph, recipe.seed);
  (void)run(*made);
  const auto weights = made->result();
  const auto value = [&](const char* name, std::size_t i) {
    return static_cast<double>(
        weights[graph->weights()[static_cast<std::size_t>(graph->find_weight(name))].offset + i]);
  };
  EXPECT_EQ(weights[0], before[0]);
  // The channels are normalised, so the convolution's output has mean 0 over the set.
  EXPECT_NEAR(value("bn1.running_mean", 0), 0.0, 0.05);
  double sum = 0.0;
  double squares = 0.0;
  const nn::Preprocessing preprocessing = measure(images_);
  std::vector<float> input(images_.sample_bytes());
  const std::size_t plane = input.size() / 3;
  for (std::size_t i = 0; i < images_.count(); ++i) {
    normalise(images_.sample(i), {3, kNetSide, kNetSide}, preprocessing, input);
    for (std::size_t p = 0; p < plane; ++p) {
      double y = 0.0;
      for (std::size_t c = 0; c < 3; ++c) y += value("conv1.weight", c) * static_cast<double>(input[c * plane + p]);
      sum += y;
      squares += y * y;
    }
  }
  const double count = static_cast<double>(images_.count() * plane);
  const double variance = squares / count - (sum / count) * (sum / count);
  EXPECT_NEAR(value("bn1.running_var", 0) / variance, 1.0, 0.03);
}

TEST_F(TrainerTest, RefusesWhatDoesNotFit) {
  const Recipe good = busy_recipe();
  const auto graph = graph_of(good, images_);
  const auto refusal = [&](const Recipe& recipe, const nn::LabelledImages& images) {
    auto made = Trainer::create(graph, recipe, measure(images), images, nullptr, 1);
    return made ? std::string() : made.error().message();
  };
  Recipe bad = good;
  bad.batch = 15;
  EXPECT_NE(refusal(bad, images_).find("'batch' (15) is not a multiple of its 'chunk' (4)"), std::string::npos);
  bad = good;
  bad.optimizer.learning_rate = std::nan("");
  EXPECT_NE(refusal(bad, images_).find("'learning_rate'"), std::string::npos);
  bad = good;
  bad.batch = 72;
  EXPECT_NE(refusal(bad, images_).find("fewer than a batch of 72"), std::string::npos);
  EXPECT_NE(refusal(good, synthetic_images(70, kNetClasses, 1, kNetSide, 1)).find("the set has (1,12,12)"),
            std::string::npos);
  EXPECT_NE(refusal(good, synthetic_images(70, 3, 3, kNetSide, 1)).find("the set has 3"), std::string::npos);
}

TEST_F(TrainerTest, CheckpointsOfOthersAreRefused) {
  const Recipe recipe = busy_recipe();
  auto made = trainer(recipe, 1);
  (void)made->run_epoch();
  const auto bytes = write_checkpoint(made->state(), "a");
  EXPECT_TRUE(read_checkpoint(bytes, "a"));
  EXPECT_NE(read_checkpoint(bytes, "b").error().message().find("another run"), std::string::npos);
  auto damaged = bytes;
  damaged[bytes.size() / 2] ^= std::byte{1};
  EXPECT_NE(read_checkpoint(damaged, "a").error().message().find("damaged"), std::string::npos);
  EXPECT_NE(read_checkpoint(std::span(bytes).first(bytes.size() - 1), "a").error().message().find("damaged"),
            std::string::npos);
  EXPECT_NE(read_checkpoint({}, "a").error().message().find("no checkpoint"), std::string::npos);
  Recipe other = recipe;
  other.net = "conv 5; gap; fc";
  EXPECT_FALSE(trainer(other, 1)->restore(*read_checkpoint(bytes, "a")));
}

TEST(Evaluate, CountsAndSharesAddUp) {
  const nn::LabelledImages images = synthetic_images(45, 6, 1, 8, 3);
  auto spec = parse_architecture("conv 3; gap; fc", {1, 8, 8}, 6);
  const auto graph = *nn::Graph::build(*spec);
  const auto weights = nn::initial_weights(*graph, 4);
  const Evaluation one = evaluate({graph, weights, {}}, images, 1);
  const Evaluation three = evaluate({graph, weights, {}}, images, 3);
  EXPECT_EQ(one.top1, three.top1);
  EXPECT_EQ(one.loss, three.loss);
  EXPECT_EQ(one.confusion, three.confusion);
  EXPECT_EQ(one.count, 45U);
  EXPECT_GE(one.top5, one.top1);
  int right = 0;
  int all = 0;
  for (std::size_t k = 0; k < 6; ++k) {
    right += one.class_right[k];
    all += one.class_count[k];
    EXPECT_EQ(one.confusion[k * 6 + k], one.class_right[k]);
  }
  EXPECT_EQ(all, 45);
  EXPECT_DOUBLE_EQ(one.top1, right / 45.0);
}

TEST(Evaluate, MeasuresTheSet) {
  nn::LabelledImages images;
  images.channels = 2;
  images.height = 1;
  images.width = 2;
  images.pixels = {0, 255, 51, 51, 0, 255, 102, 102};
  images.labels = {0, 0};
  const nn::Preprocessing measured = measure(images);
  EXPECT_FLOAT_EQ(measured.mean[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.std[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.mean[1], 0.3F);
  EXPECT_FLOAT_EQ(measured.std[1], 0.1F);
}

}  // namespace
}  // namespace weightroom::train
