#include "lab/engine.h"

#include <gtest/gtest.h>

#include "lab/bench_model.h"
#include "lab/lab.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::run;
using testing::state_of;

TEST(Engine, EverySliceOfAMapIsAnotherVersion) {
  Bench bench;
  ASSERT_TRUE(bench.lab.run(command::SetMethod{"smoothgrad", {{"samples", 8.0}}, ""}).has_value());
  const lab::Results& results = bench.lab.engine().results();
  std::uint64_t version = results.map_version;
  int slices = 0;
  for (bool idle = false; !idle; ++slices) {
    ASSERT_LT(slices, 1'000);
    const std::vector<float> before = results.map.values;
    idle = bench.lab.step(base::Budget::milliseconds(0.0));
    if (results.map.values != before) EXPECT_NE(results.map_version, version);
    version = results.map_version;
  }
  EXPECT_GT(slices, 4);
}

TEST(Engine, EveryMethodEndsUnderATinyBudget) {
  Bench bench;
  for (const auto& method : explain::methods()) {
    ASSERT_TRUE(bench.lab.run(command::SetMethod{std::string(method.name), {}, ""}).has_value());
    int slices = 0;
    while (!bench.lab.step(base::Budget::milliseconds(0.0))) ASSERT_LT(++slices, 100'000);
    EXPECT_EQ(state_of(bench)["map"]["method"], method.name);
    EXPECT_TRUE(state_of(bench)["ready"].get<bool>());
  }
}

TEST(Engine, AShortSliceEndsWithTheMapAndLeavesTheRestForLater) {
  Bench bench;
  const lab::Results& results = bench.lab.engine().results();
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})").has_value());
  const auto revision = bench.lab.document().revision;
  EXPECT_FALSE(bench.lab.step(base::Budget::milliseconds(0.0)));
  EXPECT_EQ(results.forward_revision, revision);
  EXPECT_EQ(results.map_revision, revision);
  EXPECT_LT(results.gradient_revision, revision);
  int slices = 0;
  while (!bench.lab.step(base::Budget::milliseconds(0.0))) ASSERT_LT(++slices, 1'000);
  EXPECT_EQ(results.gradient_revision, revision);
  EXPECT_EQ(results.fingerprint, fingerprint(bench.lab.document()));
}

TEST(Engine, HoldToCompareShowsTheUneditedModel) {
  Bench bench;
  const json before = state_of(bench);
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})");
  run(bench, R"({"command":"set_view","compare":true})");
  EXPECT_EQ(state_of(bench)["predictions"], before["predictions"]);
  run(bench, R"({"command":"set_view","compare":false})");
  EXPECT_NE(state_of(bench)["predictions"], before["predictions"]);
}

TEST(Engine, WeightsThatRunOverLeaveNoAnswerUntilTheyAreUndone) {
  Bench bench;
  const auto before = state_of(bench)["predictions"];
  ASSERT_FALSE(before.empty());
  for (const char* weight : {"conv1.weight[0,0,1,1]", "conv1.weight[1,0,1,1]", "conv2.weight[0,0,1,1]",
                             "conv2.weight[1,0,1,1]", "fc.weight[0,0]", "fc.weight[0,1]"})
    run(bench, std::string(R"({"command":"set_weight","value":3e38,"weight":")") + weight + "\"}");
  const Results& results = bench.lab.engine().results();
  EXPECT_TRUE(results.overflow);
  EXPECT_TRUE(results.current);
  EXPECT_TRUE(results.map.values.empty());
  const json state = state_of(bench);
  EXPECT_TRUE(state["ready"].get<bool>());
  EXPECT_EQ(state["predictions"], json::array());
  EXPECT_EQ(state.dump().find("nan"), std::string::npos);
  // Reasons are not asked for what is none.
  run(bench, R"({"command":"set_method","method":"smoothgrad"})");
  EXPECT_TRUE(results.map.values.empty());
  for (int i = 0; i < 6; ++i) run(bench, R"({"command":"undo"})");
  EXPECT_FALSE(results.overflow);
  EXPECT_EQ(state_of(bench)["predictions"], before);
  EXPECT_FALSE(results.map.values.empty());
}

}  // namespace
}  // namespace weightroom::lab
