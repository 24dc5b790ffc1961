// Drags, wheels and held keys: previews that come to be one step.
#include <gtest/gtest.h>

#include "lab/bench_model.h"
#include "lab/lab.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::run;
using testing::same_bytes;
using testing::state_of;
using testing::weights_of;

TEST(Preview, ADragIsOneStep) {
  Bench bench;
  const auto loaded = weights_of(bench);
  for (int i = 0; i < 20; ++i) {
    run(bench,
        R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":)" + std::to_string(0.1 * i) + "}");
  }
  EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","value":2})");
  const json state = state_of(bench);
  ASSERT_EQ(state["edits"].size(), 1U);
  EXPECT_EQ(state["edits"][0]["weights"][0]["before"], 0.0);
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  EXPECT_FALSE(state_of(bench)["can_undo"].get<bool>());
}

TEST(Preview, APreviewIsAStepOfItsOwnBeforeAnotherWeightIsTouched) {
  for (const char* other : {R"({"command":"transform_weight","weight":"conv1.weight[1,1,1,1]","operation":"negate"})",
                            R"({"command":"set_weight","weight":"fc.bias[1]","value":3})",
                            R"({"command":"set_weight","weight":"fc.bias[1]","value":3,"preview":true})"}) {
    Bench bench;
    const auto loaded = weights_of(bench);
    run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":8})");
    run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":9})");
    run(bench, other);
    EXPECT_EQ(bench.lab.document().weight({5, 2}), 9.0F);
    run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":4})");
    const json state = state_of(bench);
    const std::size_t steps = state["edits"].size();
    EXPECT_EQ(state["edits"][0]["weights"][0]["before"], 0.0);
    EXPECT_EQ(state["edits"][0]["weights"][0]["after"], 9.0);
    for (std::size_t i = 0; i < steps; ++i) run(bench, R"({"command":"undo"})");
    EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
    EXPECT_FALSE(state_of(bench)["can_undo"].get<bool>());
  }
}

TEST(Preview, UndoInAPreviewGoesBackToWhereItBegan) {
  Bench bench;
  const auto loaded = weights_of(bench);
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":9})");
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(bench.lab.document().weight({5, 2}), 9.0F);
}

TEST(Preview, ChoosingAnotherWeightEndsAPreviewAndStays) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":9})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[0]"})");
  const json state = state_of(bench);
  EXPECT_EQ(state["edits"].size(), 1U);
  EXPECT_EQ(state["selection"]["weight"], "fc.bias[0]");
  EXPECT_FALSE(bench.lab.previews({5, 2}));
}

TEST(Preview, SavingInAPreviewSavesWhatIsSeen) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":9})");
  run(bench, R"({"command":"save_model"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  const auto model = io::read_model(bench.saved[0].second, "saved");
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->weights, weights_of(bench));
  EXPECT_EQ(bench.lab.document().weight({5, 2}), 9.0F);
}

TEST(Preview, ABadCommandLeavesItUnderWay) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","preview":true,"value":9})");
  EXPECT_FALSE(bench.lab.run_json(R"({"command":"set_weight","weight":"fc.bias[99]","value":1})").has_value());
  EXPECT_FALSE(bench.lab.run_json(R"({"command":"redo"})").has_value());
  EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
  EXPECT_TRUE(bench.lab.previews({5, 2}));
}

}  // namespace
}  // namespace weightroom::lab
