// Saved steps, done again on the model they belong to.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/bench_model.h"

namespace weightroom::document {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::same_bytes;
using lab::testing::state_of;
using lab::testing::weights_of;
using nlohmann::json;

TEST(HistoryFile, DoesTheSameAgainOnTheSameModel) {
  Bench bench;
  run(bench, R"({"command":"change","operation":"noise","on":"conv1","params":{"seed":4}})");
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.3,"by":"gradient"}})");
  run(bench, R"({"command":"switch","layer":"conv2","channel":5,"on":false})");
  run(bench, R"({"command":"switch","layer":"relu1","on":false})");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","value":0.1})");
  run(bench, R"({"command":"transform_weight","weight":"fc.bias[2]","operation":"negate"})");
  run(bench, R"({"command":"reset","scope":"layer","weight":"conv1"})");
  run(bench, R"({"command":"save_history"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  EXPECT_EQ(bench.saved[0].first, "everyday-history.json");
  const json done = state_of(bench);
  Bench other;
  run(other, R"({"command":"set_weight","weight":"fc.bias[0]","value":9})");
  ASSERT_TRUE(other.open_file("homework.json", bench.saved[0].second).has_value());
  other.settle();
  const json again = state_of(other);
  EXPECT_EQ(again["error"], "");
  EXPECT_TRUE(same_bytes(weights_of(bench), weights_of(other)));
  EXPECT_EQ(again["model"]["fingerprint"], done["model"]["fingerprint"]);
  EXPECT_EQ(again["predictions"], done["predictions"]);
  EXPECT_EQ(again["off"], done["off"]);
  EXPECT_EQ(again["edits"].size(), done["edits"].size() + 2) << "what was done before, and its reset, come first";
  for (std::size_t i = 0; i < again["edits"].size(); ++i) run(other, R"({"command":"undo"})");
  EXPECT_EQ(state_of(other)["model"]["fingerprint"], state_of(other)["model"]["loaded_fingerprint"]);
}

TEST(HistoryFile, RefusesInOneSentence) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"fc.bias[2]","value":0.1})");
  run(bench, R"({"command":"save_history"})");
  const auto& bytes = bench.saved[0].second;
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto opened = [&](std::string from, const std::string& to) {
    std::string file = text;
    const std::size_t at = file.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    file.replace(at, from.size(), to);
    Bench other;
    const json before = state_of(other);
    const auto status = other.open_file("a.json", std::as_bytes(std::span(file)));
    other.settle();
    const json after = state_of(other);
    EXPECT_EQ(before["predictions"], after["predictions"]) << to;
    return status ? after["error"].get<std::string>() : status.error().message();
  };
  EXPECT_NE(opened("\"version\": 1", "\"version\": 2").find("version"), std::string::npos);
  EXPECT_NE(opened("{\n \"format\"", "[\n \"format\"").find("The history"), std::string::npos);
  EXPECT_NE(opened("\"steps\"", "\"stairs\"").find("no list of steps"), std::string::npos);
  EXPECT_NE(opened("\"set_weight\"", "\"set_target\",\"target\":\"cat\"").find("does not change weights"),
            std::string::npos);
  EXPECT_NE(opened("\"set_weight\"", "\"set_height\"").find("does not change weights"), std::string::npos);
  EXPECT_NE(opened("\"set_weight\"", "\"sit_weight\"").find("no command"), std::string::npos);
  EXPECT_NE(opened("\"fc.bias[2]\"", "\"fc.bias[9]\"").find("Step 1 of the history cannot be done"), std::string::npos);
  EXPECT_NE(opened("\"fingerprint\": \"", "\"fingerprint\": \"x").find("which model it belongs to"), std::string::npos);
  const std::string digit = text.substr(text.find("\"fingerprint\": \"") + 16, 1);
  EXPECT_NE(opened("\"fingerprint\": \"" + digit, "\"fingerprint\": \"" + std::string(digit == "0" ? "1" : "0"))
                .find("belongs to 'everyday'"),
            std::string::npos);
}

}  // namespace
}  // namespace weightroom::document
