// A model that was changed, saved and opened again: the original with the file's weights as a first step.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench_model.h"
#include "lab/origin.h"
#include "nn/graph.h"

namespace weightroom::lab {
namespace {

using testing::Bench;
using testing::run;
using testing::same_bytes;
using testing::state_of;
using testing::weights_of;

std::vector<std::byte> saved_with(Bench& bench, const std::string& as = "plain") {
  run(bench, R"({"command":"save_model","as":")" + as + R"("})");
  return bench.saved.back().second;
}

void change_three(Bench& bench) {
  for (const char* weight : {"conv1.weight[0,0,1,1]", "conv2.weight[3,1,0,2]", "fc.bias[1]"})
    run(bench, R"({"command":"set_weight","weight":")" + std::string(weight) + R"(","value":0.75})");
}

TEST(Reopened, IsComparedWithTheOriginal) {
  Bench bench;
  const std::vector<float> original = weights_of(bench);
  const nlohmann::json before = state_of(bench);
  change_three(bench);
  const std::vector<float> changed = weights_of(bench);
  const auto file = saved_with(bench);
  run(bench, R"({"command":"open_model","name":"everyday"})");
  ASSERT_TRUE(same_bytes(weights_of(bench), original));

  ASSERT_TRUE(bench.open_file("class/mine.safetensors", file).has_value());
  bench.settle();
  EXPECT_TRUE(same_bytes(weights_of(bench), changed));
  const nlohmann::json state = state_of(bench);
  EXPECT_EQ(state["model"]["name"], "mine");
  EXPECT_EQ(bench.lab.document().model->title, "3 weights differ from everyday");
  ASSERT_EQ(state["edits"].size(), 1U);
  EXPECT_EQ(state["edits"][0]["operation"], "take_weights");
  EXPECT_EQ(state["edits"][0]["changed"], 3);
  EXPECT_EQ(state["edits"][0]["params"]["file"], "mine.safetensors");
  EXPECT_EQ(state["model"]["loaded_fingerprint"], before["model"]["fingerprint"]);
  // What is compared is the original; undo goes there, and back.
  run(bench, R"({"command":"set_view","compare":true})");
  EXPECT_EQ(state_of(bench)["predictions"], before["predictions"]);
  run(bench, R"({"command":"set_view","compare":false})");
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(weights_of(bench), original));
  run(bench, R"({"command":"redo"})");
  EXPECT_TRUE(same_bytes(weights_of(bench), changed));
  // Saved once more it still says what it was made of.
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":0.5})");
  const auto again = saved_with(bench);
  ASSERT_TRUE(bench.open_file("mine2.safetensors", again).has_value());
  bench.settle();
  EXPECT_EQ(bench.lab.document().model->title, "4 weights differ from everyday");
  EXPECT_EQ(shipped_name(*bench.lab.document().model), "everyday") << "whose samples and sets are for it too";
}

TEST(Reopened, HasTheFingerprintItWasSavedWith) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"conv2.weight[3,1,0,2]","value":0.123456789})");
  const std::string fingerprint = state_of(bench)["model"]["fingerprint"];
  run(bench, R"({"command":"save_model"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  Bench other;
  ASSERT_TRUE(other.open_file(bench.saved[0].first, bench.saved[0].second).has_value());
  other.settle();
  EXPECT_EQ(state_of(other)["model"]["fingerprint"], fingerprint);
  EXPECT_EQ(state_of(other)["edits"].size(), 1U);
}

TEST(Reopened, ItsHistoryNeedsTheFile) {
  Bench bench;
  change_three(bench);
  const auto file = saved_with(bench);
  ASSERT_TRUE(bench.open_file("mine.safetensors", file).has_value());
  bench.settle();
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":0.5})");
  const std::vector<float> now = weights_of(bench);
  run(bench, R"({"command":"save_history"})");
  const auto history = bench.saved.back().second;
  run(bench, R"({"command":"reset","scope":"all"})");
  ASSERT_TRUE(bench.open_file("history.json", history).has_value());
  bench.settle();
  EXPECT_TRUE(same_bytes(weights_of(bench), now));

  Bench other;
  const std::vector<float> before = weights_of(other);
  ASSERT_TRUE(other.open_file("history.json", history).has_value());
  other.settle();
  EXPECT_THAT(other.lab.error(),
              ::testing::HasSubstr("begins with the weights of 'mine.safetensors': open that file first."));
  EXPECT_TRUE(same_bytes(weights_of(other), before));
}

TEST(Reopened, WithoutAChangeOrAnOriginalItIsAModelLikeAnyOther) {
  Bench bench;
  const auto unchanged = saved_with(bench);
  ASSERT_TRUE(bench.open_file("same.safetensors", unchanged).has_value());
  bench.settle();
  EXPECT_TRUE(state_of(bench)["edits"].empty());
  change_three(bench);
  const std::vector<float> changed = weights_of(bench);
  const auto file = saved_with(bench);
  // The original is out of reach, or is another one by now.
  for (const bool missing : {true, false}) {
    Bench other;
    if (missing) other.failing = "models/everyday.safetensors";
    nn::Model later = testing::small_model();
    std::vector<float> weights(later.weights.begin(), later.weights.end());
    weights[0] += 1.0F;
    later.weights = weights;
    other.files["models/everyday.safetensors"] = io::write_model(later);
    ASSERT_TRUE(other.open_file("mine.safetensors", file).has_value());
    other.settle();
    EXPECT_TRUE(state_of(other)["edits"].empty());
    EXPECT_TRUE(same_bytes(weights_of(other), changed));
    EXPECT_EQ(other.lab.error(), "");
  }
}

TEST(Origin, IsReadOutOfAnyProvenance) {
  nn::Model model = testing::small_model();
  for (const char* text : {"{}", "", "[]", "7", R"({"origin":7})", R"({"origin":{"name":"everyday"}})",
                           R"({"origin":{"name":1,"fingerprint":2}})"}) {
    model.provenance = text;
    EXPECT_FALSE(origin_of(model).has_value()) << text;
  }
  model.provenance = R"({"seed":3})";
  name_origin(model);
  const auto origin = origin_of(model);
  ASSERT_TRUE(origin.has_value());
  EXPECT_EQ(origin->name, model.name);
  EXPECT_EQ(origin->fingerprint, nn::fingerprint(*model.graph, model.weights));
  EXPECT_THAT(model.provenance, ::testing::HasSubstr("\"seed\""));
}

}  // namespace
}  // namespace weightroom::lab
