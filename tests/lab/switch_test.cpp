// Channels and activation functions that are switched off, and on again.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/bench_model.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::same_bytes;
using testing::state_of;
using testing::weights_of;

TEST(Switch, AChannelThatIsOffIsZeroAndKeepsItsWeights) {
  Bench bench;
  const auto loaded = weights_of(bench);
  const json before = state_of(bench);
  run(bench, R"({"command":"switch","layer":"conv1","channel":3,"on":false})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  const auto map = bench.lab.engine().activation(1);
  const std::size_t places = map.shape.sample_size() / 8;
  for (std::size_t c = 0; c < 8; ++c) {
    const auto channel = map.values().subspan(c * places, places);
    EXPECT_EQ(std::ranges::all_of(channel, [](float v) { return v == 0.0F; }), c == 3) << c;
  }
  const json off = state_of(bench);
  EXPECT_NE(off["predictions"], before["predictions"]);
  EXPECT_NE(off["model"]["fingerprint"], before["model"]["fingerprint"]);
  EXPECT_EQ(off["edits"][0]["words"], "conv1: channel 3 switched off");
  EXPECT_EQ(off["off"], json::parse(R"([{"layer":"conv1","channel":3}])"));
  // What is edited meanwhile is there when the channel is on again.
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[3,0,1,1]","value":2})");
  EXPECT_EQ(state_of(bench)["predictions"], off["predictions"]);
  run(bench, R"({"command":"switch","layer":"conv1","channel":3,"on":true})");
  const json on = state_of(bench);
  EXPECT_EQ(on["off"], json::array());
  EXPECT_NE(on["predictions"], before["predictions"]);
  for (int i = 0; i < 3; ++i) run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["predictions"], before["predictions"]);
  EXPECT_EQ(state_of(bench)["off"], json::array());
  EXPECT_EQ(state_of(bench)["model"]["fingerprint"], before["model"]["fingerprint"]);
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(state_of(bench)["predictions"], off["predictions"]);
}

TEST(Switch, AnActivationFunctionThatIsOffPassesOnWhatItGets) {
  Bench bench;
  const json before = state_of(bench);
  run(bench, R"({"command":"switch","layer":"relu1","on":false})");
  const auto in = bench.lab.engine().activation(1).values();
  const auto out = bench.lab.engine().activation(2).values();
  EXPECT_TRUE(std::ranges::equal(in, out));
  EXPECT_TRUE(std::ranges::any_of(out, [](float v) { return v < 0.0F; }));
  EXPECT_NE(state_of(bench)["predictions"], before["predictions"]);
  EXPECT_EQ(state_of(bench)["edits"][0]["words"], "relu1: switched off");
  run(bench, R"({"command":"set_view","compare":true})");
  EXPECT_FALSE(std::ranges::any_of(bench.lab.engine().activation(2).values(), [](float v) { return v < 0.0F; }));
  run(bench, R"({"command":"set_view","compare":false})");
  run(bench, R"({"command":"reset","scope":"all"})");
  EXPECT_EQ(state_of(bench)["predictions"], before["predictions"]);
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["off"], json::parse(R"([{"layer":"relu1","channel":null}])"));
}

TEST(Switch, RefusesWhatHasNone) {
  Bench bench;
  EXPECT_NE(refusal(bench, R"({"command":"switch","layer":"pool1","on":false})").find("cannot be switched off"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"switch","layer":"conv1","channel":8,"on":false})").find("0 to 7"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"switch","layer":"relu1","channel":1,"on":false})").find("cannot"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"switch","layer":"nowhere","on":false})").find("no layer"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"switch","layer":"input","on":false})").find("cannot"), std::string::npos);
}

// A model file has no switches: whoever saves one is told, and ONNX leaves the function out.
TEST(Switch, IsSaidWhereAFileCannotKeepIt) {
  Bench bench;
  run(bench, R"({"command":"save_model"})");
  EXPECT_EQ(state_of(bench)["notice"], "");
  run(bench, R"({"command":"switch","layer":"relu1","on":false})");
  run(bench, R"({"command":"save_model"})");
  EXPECT_EQ(state_of(bench)["notice"],
            "The file has relu1 switched on: the history keeps what is off, and ONNX leaves it out.");
  const json off = state_of(bench);
  run(bench, R"({"command":"save_model","as":"onnx"})");
  const auto& [name, bytes] = bench.saved.back();
  EXPECT_EQ(name, "everyday-edited.onnx");
  ASSERT_TRUE(bench.open_file(name, bytes).has_value());
  bench.settle();
  const json again = state_of(bench);
  EXPECT_EQ(again["model"]["layers"].size() + 1, off["model"]["layers"].size());
  EXPECT_EQ(again["model"]["reading"], off["model"]["reading"]);
  EXPECT_EQ(again["predictions"][0]["label"], off["predictions"][0]["label"]);
  EXPECT_EQ(again["predictions"][0]["logit"], off["predictions"][0]["logit"]);
}

}  // namespace
}  // namespace weightroom::lab
