// A run in slices: the same bits however it is cut, on any number of threads.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "train/checkpoint.h"
#include "train/synthetic.h"
#include "train/trainer.h"

namespace weightroom::train {
namespace {

constexpr int kStepClasses = 3;
constexpr int kStepSide = 10;

Recipe step_recipe() {
  Recipe recipe;
  recipe.net = "conv 5; pool; conv 6 k=1; gap; fc";
  recipe.seed = 4;
  recipe.epochs = 3;
  recipe.batch = 12;
  recipe.chunk = 4;
  recipe.optimizer.learning_rate = 0.05;
  recipe.optimizer.weight_decay = 1e-3;
  recipe.label_smoothing = 0.1;
  recipe.ema = 0.9;
  recipe.patience = 3;
  recipe.augment = {.flip = true, .crop = 1, .zoom_min = 0.8, .zoom_max = 1.1, .brightness = 0.2, .cutout = 2};
  recipe.mix = {.mixup = 0.3, .cutmix = 0.5, .probability = 0.5};
  return recipe;
}

class StepTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Trainer> trainer(const Recipe& recipe, int threads) const {
    auto made =
        Trainer::create(graph_of(recipe, {3, kStepSide, kStepSide}, kStepClasses), recipe, measure(images_), images_,
                        &held_out_, threads, recipe.teachers.empty() ? std::span<const nn::Model>() : teachers_);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  void SetUp() override {
    Recipe recipe;
    recipe.net = "conv 4; gap; fc";
    for (const std::uint64_t seed : {1U, 2U}) {
      nn::Model& model = teachers_.emplace_back();
      model.graph = graph_of(recipe, {3, kStepSide, kStepSide}, kStepClasses);
      model.weights = nn::initial_weights(*model.graph, seed);
      model.labels = images_.class_names;
      model.preprocessing = measure(images_);
    }
  }

  const nn::LabelledImages images_ = synthetic_images(41, kStepClasses, 3, kStepSide, 1);
  const nn::LabelledImages held_out_ = synthetic_images(21, kStepClasses, 3, kStepSide, 2);
  std::vector<nn::Model> teachers_;
};

// What a run left at the end of each epoch: its checkpoint and what was reported.
struct Trace {
  std::vector<std::vector<std::byte>> states;
  std::vector<double> numbers;
  [[nodiscard]] bool operator==(const Trace&) const = default;
};

void note(Trace& trace, const Trainer& trainer, const EpochReport& report) {
  trace.states.push_back(write_checkpoint(trainer.state(), ""));
  for (const double number : {static_cast<double>(report.epoch), report.loss, report.accuracy, report.learning_rate,
                              report.held_out.top1, report.held_out.loss, static_cast<double>(report.best)})
    trace.numbers.push_back(number);
}

Trace whole(Trainer& trainer) {
  Trace trace;
  while (!trainer.finished()) {
    const EpochReport report = trainer.run_epoch();
    note(trace, trainer, report);
  }
  return trace;
}

// Budgets in milliseconds, one after another and over again.
Trace sliced(Trainer& trainer, const std::vector<double>& budgets, int* calls = nullptr) {
  Trace trace;
  for (std::size_t i = 0; !trainer.finished(); ++i) {
    const auto done = trainer.step(base::Budget::milliseconds(budgets[i % budgets.size()]));
    if (calls != nullptr) ++*calls;
    if (done == Trainer::Done::epoch) note(trace, trainer, trainer.last_epoch());
  }
  return trace;
}

TEST_F(StepTest, SameBitsHoweverItIsCut) {
  for (const bool taught : {false, true}) {
    for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adamw}) {
      Recipe recipe = step_recipe();
      recipe.optimizer.kind = kind;
      if (taught) {
        recipe.teachers = "a; b";
        recipe.teacher_weight = 0.5;
      }
      const Trace wanted = whole(*trainer(recipe, 1));
      ASSERT_EQ(wanted.states.size(), 3U);
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(wanted, whole(*trainer(recipe, threads))) << threads;
        EXPECT_EQ(wanted, sliced(*trainer(recipe, threads), {0.0})) << threads;
        EXPECT_EQ(wanted, sliced(*trainer(recipe, threads), {0.0, 0.3, 0.02, 5.0, 0.1})) << threads;
      }
    }
  }
}

TEST_F(StepTest, ASliceIsANodeOfAChunkAtMost) {
  const Recipe recipe = step_recipe();
  auto made = trainer(recipe, 1);
  const int nodes = static_cast<int>(made->graph().nodes().size()) - 1;
  const int chunks = recipe.batch / recipe.chunk;
  int calls = 0;
  while (made->step(base::Budget::milliseconds(0.0)) == Trainer::Done::slices) ++calls;
  // Pictures, tensors, and every node once forward and once backward.
  EXPECT_GE(calls, chunks * (recipe.chunk + static_cast<int>(made->graph().weights().size()) + 2 * nodes));
  while (made->step(base::Budget::unlimited()) != Trainer::Done::step || made->last_step().step < 3) {
  }
  calls = 0;
  while (made->step(base::Budget::milliseconds(0.0)) == Trainer::Done::slices) ++calls;
  // 21 held-out pictures, 8 at a time, through the net without its two batch_norms.
  EXPECT_GE(calls, 3 * (nodes - 2));
}

TEST_F(StepTest, SaysWhatACallCameTo) {
  const Recipe recipe = step_recipe();
  auto made = trainer(recipe, 2);
  double loss = 0.0;
  double accuracy = 0.0;
  for (long long step = 1; step <= made->steps_per_epoch(); ++step) {
    ASSERT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::step);
    EXPECT_EQ(made->last_step().step, step);
    EXPECT_EQ(made->state().step, step);
    EXPECT_EQ(made->epoch(), 0);
    EXPECT_EQ(made->last_step().learning_rate,
              learning_rate(recipe.schedule, 0.05, step - 1, made->steps_per_epoch() * recipe.epochs));
    loss += made->last_step().loss;
    accuracy += made->last_step().accuracy;
    for (const float value : made->gradient()) ASSERT_TRUE(std::isfinite(value));
  }
  ASSERT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::epoch);
  EXPECT_EQ(made->epoch(), 1);
  EXPECT_EQ(made->last_epoch().epoch, 1);
  EXPECT_NEAR(made->last_epoch().loss, loss / static_cast<double>(made->steps_per_epoch()), 1e-12);
  EXPECT_NEAR(made->last_epoch().accuracy, accuracy / static_cast<double>(made->steps_per_epoch()), 1e-12);
  EXPECT_TRUE(made->last_epoch().measured);
  while (!made->finished()) (void)made->step(base::Budget::unlimited());
  const auto kept = write_checkpoint(made->state(), "");
  EXPECT_EQ(made->step(base::Budget::unlimited()), Trainer::Done::epoch);
  EXPECT_EQ(write_checkpoint(made->state(), ""), kept);
}

TEST_F(StepTest, GoesOnFromAnyStep) {
  const Recipe recipe = step_recipe();
  auto straight = trainer(recipe, 2);
  std::vector<std::vector<std::byte>> kept{write_checkpoint(straight->state(), "run")};
  Trace wanted;
  while (!straight->finished()) {
    const auto done = straight->step(base::Budget::unlimited());
    if (done == Trainer::Done::epoch) note(wanted, *straight, straight->last_epoch());
    kept.push_back(write_checkpoint(straight->state(), "run"));  // the one before the measuring too
  }
  EXPECT_EQ(kept.size(), 1U + 3 * (3 + 1));
  auto other = trainer(recipe, 1);
  for (std::size_t at = kept.size(); at-- > 0;) {
    // From within whatever it was doing: some slices of a step, or of the measuring.
    for (std::size_t i = 0; i < 7 * at; ++i) (void)other->step(base::Budget::milliseconds(0.0));
    auto state = read_checkpoint(kept[at], "run");
    ASSERT_TRUE(state) << state.error().message();
    ASSERT_TRUE(other->restore(std::move(*state)));
    const Trace rest = whole(*other);
    ASSERT_LE(rest.states.size(), 3U);
    const std::size_t skipped = 3 - rest.states.size();
    for (std::size_t e = 0; e < rest.states.size(); ++e) EXPECT_EQ(rest.states[e], wanted.states[skipped + e]) << at;
    EXPECT_TRUE(std::equal(rest.numbers.rbegin(), rest.numbers.rend(), wanted.numbers.rbegin())) << at;
  }
}

TEST_F(StepTest, StatesOfNoStepAreRefused) {
  const Recipe recipe = step_recipe();
  auto made = trainer(recipe, 1);
  (void)made->run_epoch();
  const TrainerState good = made->state();
  const auto refused = [&](auto change) {
    TrainerState state = good;
    change(state);
    return !trainer(recipe, 1)->restore(std::move(state));
  };
  EXPECT_FALSE(refused([](TrainerState&) {}));
  EXPECT_FALSE(refused([](TrainerState& state) { state.step += 3; }));
  EXPECT_TRUE(refused([](TrainerState& state) { state.step += 4; }));
  EXPECT_TRUE(refused([](TrainerState& state) { state.step -= 1; }));
  EXPECT_TRUE(refused([](TrainerState& state) { state.epoch = 4; }));
  EXPECT_TRUE(refused([](TrainerState& state) { state.epoch = -1; }));
  EXPECT_TRUE(refused([](TrainerState& state) {
    state.epoch = 3;
    state.step = 10;
  }));
  EXPECT_TRUE(refused([](TrainerState& state) { state.weights.pop_back(); }));
}

TEST_F(StepTest, CheckpointsAtAnEpochsEndAreAsTheyWere) {
  auto made = trainer(step_recipe(), 1);
  (void)made->step(base::Budget::unlimited());
  const auto middle = write_checkpoint(made->state(), "");
  EXPECT_GT(made->state().loss, 0.0);
  (void)made->run_epoch();
  EXPECT_EQ(made->state().loss, 0.0);
  EXPECT_EQ(made->state().right, 0);
  const auto end = write_checkpoint(made->state(), "");
  // Two numbers more in the middle, the best weights more at the end.
  EXPECT_EQ(middle.size() + made->state().weights.size() * sizeof(float), end.size() + 16);
}

TEST_F(StepTest, EvaluationInSlicesGivesTheSameNumbers) {
  const nn::LabelledImages images = synthetic_images(531, kStepClasses, 3, kStepSide, 3);  // three blocks
  const auto graph = graph_of(step_recipe(), {3, kStepSide, kStepSide}, kStepClasses);
  const auto weights = nn::initial_weights(*graph, 6);
  std::vector<std::size_t> shown;
  const Evaluation wanted =
      evaluate({graph, weights, measure(images)}, images, 1, [&](std::size_t done, std::size_t all) {
        EXPECT_EQ(all, 531U);
        shown.push_back(done);
      });
  EXPECT_TRUE(std::ranges::is_sorted(shown));
  EXPECT_EQ(shown.back(), 531U);
  for (const int threads : {1, 2, 5}) {
    EvaluationJob job(graph, weights, measure(images), images, threads);
    EXPECT_EQ(job.progress(), 0.0);
    int calls = 0;
    double before = 0.0;
    while (!job.step(base::Budget::milliseconds(0.0))) {
      ++calls;
      EXPECT_GE(job.progress(), before);
      before = job.progress();
    }
    EXPECT_EQ(job.progress(), 1.0);
    EXPECT_TRUE(job.step(base::Budget::unlimited()));
    EXPECT_GE(calls, threads == 1 ? 531 / 8 : 1);
    const Evaluation got = job.result();
    EXPECT_EQ(got.confusion, wanted.confusion);
    EXPECT_EQ(got.loss, wanted.loss);
    EXPECT_EQ(got.calibration, wanted.calibration);
    EXPECT_EQ(got.count, 531U);
  }
}

}  // namespace
}  // namespace weightroom::train
