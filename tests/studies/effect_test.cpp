#include "studies/effect.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "explain/weights.h"
#include "studies/study_testing.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;
using testing::fresh;
using testing::logit;
using testing::map_of;

TEST(Effect, CurveStaysWhileTheWeightItselfIsDragged) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,1,0,1]"})");
  const Effect& effect = bench.lab.engine().effect();
  ASSERT_NE(effect.curve(), nullptr);
  ASSERT_NE(effect.share(), nullptr);
  const document::Document& document = bench.lab.document();
  const auto trials = effect.curve()->trials;
  ASSERT_EQ(trials.size(), static_cast<std::size_t>(explain::kCurveTrials));
  const std::size_t at = nn::flat_index(document.graph(), *document.selection.weight);
  const int target = bench.lab.engine().results().target;
  const std::size_t place = effect.target_in_curve();
  for (std::size_t k = 0; k < trials.size(); k += 10) {
    auto weights = document.shown_weights().flat();
    weights[at] = trials[k].value;
    EXPECT_EQ(static_cast<double>(trials[k].logits[place]), logit(document, target, weights));
  }
  const auto* before = effect.curve();
  const auto version = effect.version();
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[2,1,0,1]","value":1.25,"preview":true})");
  EXPECT_EQ(effect.curve(), before);
  EXPECT_EQ(effect.version(), version + 1) << "only its share of each class is found anew";
  EXPECT_EQ(effect.share()->value, 1.25F);
  // The engine's second session has its weights back: a map of several passes on it is that of the edit.
  run(bench, R"({"command":"set_method","method":"smoothgrad"})");
  EXPECT_EQ(bench.lab.engine().results().map.values, map_of(document, "smoothgrad", target));
  // Another weight's edit makes another curve.
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[2,1,0,1]","value":1.25})");
  run(bench, R"({"command":"set_weight","weight":"conv2.weight[0,0,0,0]","value":2})");
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,1,0,1]"})");
  const auto expect_true_curve = [&] {
    for (std::size_t k = 0; k < trials.size(); k += 10) {
      auto weights = document.shown_weights().flat();
      weights[at] = trials[k].value;
      EXPECT_EQ(static_cast<double>(effect.curve()->trials[k].logits[effect.target_in_curve()]),
                logit(document, bench.lab.engine().results().target, weights));
    }
  };
  const auto of_edited = effect.curve()->trials[0].logits;
  EXPECT_NE(of_edited, trials[0].logits);
  expect_true_curve();
  // The same while the first stays lit.
  run(bench, R"({"command":"set_view","compare":true})");
  EXPECT_EQ(effect.curve()->trials[0].logits, trials[0].logits);
  expect_true_curve();
  run(bench, R"({"command":"set_view","compare":false})");
  EXPECT_EQ(effect.curve()->trials[0].logits, of_edited);
}

// Interrupted in the middle, with another value in the weight's place, it leaves no trace in a map.
TEST(Effect, InterruptedLeavesNoTrace) {
  Bench bench;
  for (int slices = 1; slices < 60; slices += 7) {
    run(bench, R"({"command":"select_weight","weight":"conv1.weight[1,0,0,0]"})");
    ASSERT_TRUE(bench.lab.run_json(R"({"command":"select_weight","weight":"conv2.weight[3,1,1,1]"})").has_value());
    for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
    run(bench, R"({"command":"set_method","method":"smoothgrad","params":{"seed":)" + std::to_string(slices) + "}}");
    EXPECT_EQ(bench.lab.engine().results().map.values,
              map_of(bench.lab.document(), "smoothgrad", bench.lab.engine().results().target));
  }
}

TEST(Effect, SharesAreWeightTimesGradient) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv2.weight[5,2,1,0]"})");
  const Effect& effect = bench.lab.engine().effect();
  const document::Document& document = bench.lab.document();
  const std::size_t at = nn::flat_index(document.graph(), *document.selection.weight);
  nn::Session session = fresh(document);
  for (std::size_t k = 0; k < effect.share()->classes.size(); ++k) {
    const auto gradient = explain::weight_gradient(session, effect.share()->classes[k]);
    EXPECT_NEAR(effect.share()->slopes[k], static_cast<double>(gradient[at]), 1e-6);
  }
  const json told = state_of(bench)["effect"];
  EXPECT_EQ(told["contributions"].size(), 4U);
  EXPECT_EQ(told["curve"]["trials"].size(), static_cast<std::size_t>(explain::kCurveTrials));
}

}  // namespace
}  // namespace weightroom::studies
