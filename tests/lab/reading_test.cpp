// How a model reads pictures and what it calls its classes, said by a visitor.
#include "lab/reading.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/model_file.h"
#include "io/text.h"
#include "lab/bench_model.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::state_of;

std::vector<float> input_of(const Bench& bench) { return *bench.lab.document().picture->input; }

TEST(Reading, ScaleAndOrderChangeTheTensorAsTheirFormulaSays) {
  Bench bench;
  run(bench, R"({"command":"set_reading","scale":"0-255"})");
  const auto bytes = input_of(bench);
  const std::size_t plane = bytes.size() / 3;
  for (const float value : bytes) {
    ASSERT_GE(value, 0.0F);
    ASSERT_NEAR(value, std::round(value), 1e-4);
  }
  const json first = state_of(bench)["predictions"];
  run(bench, R"({"command":"set_reading","scale":"imagenet"})");
  EXPECT_NE(state_of(bench)["predictions"], first) << "the answer follows";
  const auto normal = input_of(bench);
  constexpr float kMean[] = {0.485F, 0.456F, 0.406F};
  constexpr float kStd[] = {0.229F, 0.224F, 0.225F};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    ASSERT_NEAR(normal[i], (bytes[i] / 255.0F - kMean[i / plane]) / kStd[i / plane], 1e-5);
  run(bench, R"({"command":"set_reading","order":"bgr"})");
  const auto turned = input_of(bench);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    ASSERT_EQ(turned[i], normal[(2 - i / plane) * plane + i % plane]) << "each colour keeps its mean and deviation";
  EXPECT_EQ(state_of(bench)["model"]["reading"]["order"], "bgr");
  run(bench, R"({"command":"set_reading","order":"rgb","mean":[0,0,0.5],"std":[1,2,4]})");
  const auto own = input_of(bench);
  ASSERT_NEAR(own[2 * plane], (bytes[2 * plane] / 255.0F - 0.5F) / 4.0F, 1e-6);
  EXPECT_FALSE(scale_of(bench.lab.document().model->preprocessing));
}

TEST(Reading, IsSavedWithTheModel) {
  Bench bench;
  run(bench, R"({"command":"set_reading","scale":"-1-1","order":"bgr","size":32})");
  run(bench, R"({"command":"set_labels","labels":["one","two","three","Käse"]})");
  const json told = state_of(bench);
  run(bench, R"({"command":"save_model"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  Bench other;
  ASSERT_TRUE(other.lab.open_file("mine.safetensors", bench.saved[0].second).has_value());
  other.settle();
  const json back = state_of(other);
  EXPECT_EQ(back["model"]["reading"], told["model"]["reading"]);
  EXPECT_EQ(back["model"]["labels"], told["model"]["labels"]);
  EXPECT_EQ(back["model"]["fingerprint"], told["model"]["fingerprint"]);
  EXPECT_EQ(back["model"]["layers"][0]["shape"], json({1, 3, 32, 32}));
}

TEST(Reading, AnotherSizeKeepsWeightsEditsAndSelection) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":-3.5})");
  const json before = state_of(bench);
  run(bench, R"({"command":"set_reading","size":48})");
  const json after = state_of(bench);
  EXPECT_EQ(after["edits"], before["edits"]);
  EXPECT_EQ(after["selection"]["weight"], before["selection"]["weight"]);
  EXPECT_EQ(bench.lab.document().picture->input->size(), 3U * 48 * 48);
  EXPECT_EQ(after["map"]["height"], 48);
  EXPECT_NE(after["model"]["loaded_fingerprint"], before["model"]["loaded_fingerprint"]) << "the size is the graph's";
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["model"]["fingerprint"], after["model"]["loaded_fingerprint"]);
  const int own = before["model"]["layers"][0]["shape"][2];
  run(bench, json{{"command", "set_reading"}, {"size", own}}.dump());
  EXPECT_EQ(state_of(bench)["model"]["loaded_fingerprint"], before["model"]["loaded_fingerprint"]);
}

TEST(Reading, SizesThatTheLayersTake) {
  Bench bench;
  const auto sizes = possible_sizes(bench.lab.document().graph());
  EXPECT_TRUE(std::ranges::is_sorted(sizes));
  const int own = bench.lab.document().graph().spec().input[1];
  for (const int size : {own, 64, 224}) EXPECT_TRUE(std::ranges::find(sizes, size) != sizes.end()) << size;
  // A linear layer over all places: every other size would ask for other weights.
  const auto fixed = nn::Graph::build(
      {{3, 12, 12}, {{"flat", "flatten", {"input"}, {}}, {"fc", "linear", {"flat"}, {{"out_features", 3LL}}}}});
  ASSERT_TRUE(fixed) << fixed.error().message;
  EXPECT_EQ(possible_sizes(**fixed), std::vector<int>{12});
  const auto other = with_size(**fixed, 16);
  ASSERT_FALSE(other);
  EXPECT_EQ(
      other.error().message,
      "The model's layers do not fit pictures of 16 x 16: 'fc.weight' would have the shape (3,768), not (3,432).");
}

TEST(Reading, RefusesWhatMakesNoSense) {
  Bench bench;
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","order":"grb"})"), "The order of colours is rgb or bgr.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","scale":"2-3"})"),
            "There is no scale '2-3'; there are imagenet, 0-1, -1-1 and 0-255.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","std":[1,0,1]})"),
            "The deviation (std) must be positive numbers.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","mean":[1,0]})"),
            "The mean must be three numbers, one a colour.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","size":4})"), "A picture's side must be from 8 to 1024 pixels.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","invert":true})"), "Only grey pictures are inverted.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":["cat"]})"),
            "The list has 1 name, but the model has 4 classes; it must have one for each, in their order.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":["a","b","c",""]})"),
            "The name '' is none that can be shown.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":"cat"})"),
            "The command's field 'labels' must be a list.");
}

TEST(Reading, ATextFileNamesTheClasses) {
  Bench bench;
  const json before = state_of(bench);
  ASSERT_TRUE(bench.lab.open_file("four.txt", io::as_bytes("ant\nbee\ncow\ndog\n")).has_value());
  bench.settle();
  const json after = state_of(bench);
  EXPECT_EQ(after["model"]["labels"], json({"ant", "bee", "cow", "dog"}));
  EXPECT_EQ(after["notice"], "The classes go by the names in 'four.txt'.");
  EXPECT_EQ(after["predictions"][0]["probability"], before["predictions"][0]["probability"]);
  EXPECT_FALSE(bench.lab.open_file("three.txt", io::as_bytes("ant\nbee\ncow\n")).has_value());
  EXPECT_EQ(
      bench.lab.error(),
      "'three.txt': The list has 3 names, but the model has 4 classes; it must have one for each, in their order.");
  EXPECT_EQ(state_of(bench)["model"]["labels"], after["model"]["labels"]);
}

}  // namespace
}  // namespace weightroom::lab
