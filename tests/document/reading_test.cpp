// How a model reads pictures and what it calls its classes, said by a visitor.
#include "document/reading.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/model_file.h"
#include "io/safetensors.h"
#include "io/text.h"
#include "lab/bench_model.h"

namespace weightroom::document {
namespace {

using lab::testing::Bench;
using lab::testing::grey_samples;
using lab::testing::refusal;
using lab::testing::run;
using lab::testing::state_of;
using lab::testing::test_picture;
using nlohmann::json;

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
  EXPECT_FALSE(scale_of(*bench.lab.document().model));
}

TEST(Reading, IsSavedWithTheModel) {
  Bench bench;
  run(bench, R"({"command":"set_reading","scale":"-1-1","order":"bgr","size":32,"crop":0.875})");
  run(bench, R"({"command":"set_labels","labels":["one","two","three","Käse"]})");
  const json told = state_of(bench);
  run(bench, R"({"command":"save_model"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  Bench other;
  ASSERT_TRUE(other.open_file("mine.safetensors", bench.saved[0].second).has_value());
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

TEST(Reading, TheCropStays) {
  Bench bench;
  run(bench, R"({"command":"set_crop","x":3,"y":2,"size":12})");
  const json crop = state_of(bench)["picture"]["crop"];
  for (const char* command : {R"({"command":"set_reading","scale":"0-1"})", R"({"command":"set_reading","size":48})"}) {
    run(bench, command);
    EXPECT_EQ(state_of(bench)["picture"]["crop"], crop) << command;
  }
}

TEST(Reading, AnotherCropIsReadUnlessOneWasChosen) {
  Bench bench;
  const json whole = state_of(bench)["picture"]["crop"];
  run(bench, R"({"command":"set_reading","crop":0.5})");
  const json half = state_of(bench)["picture"]["crop"];
  EXPECT_EQ(half["size"].get<int>(), (whole["size"].get<int>() + 1) / 2);
  run(bench, R"({"command":"set_reading","crop":1})");
  EXPECT_EQ(state_of(bench)["picture"]["crop"], whole);
  run(bench, R"({"command":"set_crop","x":3,"y":2,"size":12})");
  const json chosen = state_of(bench)["picture"]["crop"];
  run(bench, R"({"command":"set_reading","crop":0.5})");
  EXPECT_EQ(state_of(bench)["picture"]["crop"], chosen);
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
  ASSERT_TRUE(fixed) << fixed.error().message();
  EXPECT_EQ(possible_sizes(**fixed), std::vector<int>{12});
  const auto other = with_size(**fixed, 16);
  ASSERT_FALSE(other);
  EXPECT_EQ(
      other.error().message(),
      "The model's layers do not fit pictures of 16 × 16: 'fc.weight' would have the shape (3,768), not (3,432).");
  // Fits, but takes more memory than any model may.
  const auto wide = nn::Graph::build({{3, 12, 12},
                                      {{"conv", "conv2d", {"input"}, {{"out_channels", 80LL}, {"kernel", 1LL}}},
                                       {"relu", "relu", {"conv"}, {}},
                                       {"gap", "global_avg_pool", {"relu"}, {}},
                                       {"flat", "flatten", {"gap"}, {}},
                                       {"fc", "linear", {"flat"}, {{"out_features", 3LL}}}}});
  ASSERT_TRUE(wide) << wide.error().message();
  EXPECT_TRUE(with_size(**wide, 256));
  const auto large = with_size(**wide, 1024);
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().message().find(" MB is the most"), std::string::npos) << large.error().message();
}

TEST(Reading, AnotherSizeNeverChangesHowManyClassesThereAre) {
  const auto pooled = nn::Graph::build({{3, 64, 64},
                                        {{"conv", "conv2d", {"input"}, {{"out_channels", 4LL}, {"kernel", 3LL}}},
                                         {"pool", "avg_pool", {"conv"}, {{"kernel", 62LL}}},
                                         {"flat", "flatten", {"pool"}, {}}}});
  ASSERT_TRUE(pooled) << pooled.error().message();
  const auto larger = with_size(**pooled, 128);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().message(),
            "The model's layers do not fit pictures of 128 × 128: it would answer with 16 numbers, not 4.");
  EXPECT_EQ(possible_sizes(**pooled), (std::vector<int>{64, 96}));
}

std::vector<std::byte> source_file(const std::string& name) {
  std::ifstream file(std::string(WEIGHTROOM_SOURCE_DIR) + "/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return {io::as_bytes(bytes).begin(), io::as_bytes(bytes).end()};
}

TEST(Reading, OfAGreyModelIsOneNumber) {
  Bench bench;
  ASSERT_TRUE(bench.open_file("garments.safetensors", source_file("assets/garments.safetensors")).has_value());
  run(bench, R"({"command":"set_reading","mean":[0.5],"std":[0.5]})");
  EXPECT_EQ(state_of(bench)["model"]["reading"]["mean"], json({0.5}));
  EXPECT_EQ(scale_of(*bench.lab.document().model), 2U) << "-1 to 1";
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","mean":[0.5,0.5,0.5]})"),
            "The mean must be a list of one number: the model reads grey pictures.");
}

// A sample is of the model's own set at any size: read as it is, not inverted.
TEST(Reading, AGreySampleIsReadTheSameWhicheverCameFirst) {
  Bench bench;
  bench.files["models/garments.safetensors"] = source_file("assets/garments.safetensors");
  bench.files["samples/garments-images.idx"] = grey_samples();
  run(bench, R"({"command":"open_model","name":"garments"})");
  const std::string sample = bench.lab.document().picture->name;
  run(bench, R"({"command":"set_reading","size":32})");
  const auto first = input_of(bench);
  ASSERT_TRUE(bench.open_file("mine.png", io::encode_png(test_picture())).has_value());
  bench.settle();
  EXPECT_NE(input_of(bench), first);
  run(bench, json{{"command", "open_sample"}, {"name", sample}}.dump());
  EXPECT_EQ(input_of(bench), first);
}

TEST(Reading, NamesByCommandAnswerTheSheetsQuestion) {
  Bench bench;
  ASSERT_TRUE(bench.open_file("vgg.onnx", source_file("tests/golden/onnx/vgg_13.onnx")).has_value());
  EXPECT_TRUE(bench.lab.opened().guessed_labels);
  run(bench, R"({"command":"set_labels","labels":["a","b","c","d","e"]})");
  EXPECT_FALSE(bench.lab.opened().guessed_labels);
}

// The same layers with other weights: the picture stays, whatever its colours, and who opened it.
TEST(BareWeights, KeepThePicture) {
  Bench bench;
  bench.files["models/garments.safetensors"] = source_file("assets/garments.safetensors");
  bench.files["samples/garments-images.idx"] = grey_samples();
  run(bench, R"({"command":"open_model","name":"garments"})");
  const nn::Model& model = *bench.lab.document().model;
  std::vector<io::SafetensorsOutput> tensors;
  for (const nn::GraphWeight& weight : model.graph->weights()) {
    const auto extents = weight.shape.extents();
    tensors.push_back({weight.name,
                       io::Dtype::f32,
                       {extents.begin(), extents.end()},
                       std::span<const float>(model.weights).subspan(weight.offset, weight.shape.size())});
  }
  const auto bare = io::write_safetensors(std::move(tensors), {});
  const auto expect_kept = [&] {
    const json before = state_of(bench);
    ASSERT_TRUE(bench.open_file("other.safetensors", bare).has_value());
    bench.settle();
    const json after = state_of(bench);
    EXPECT_EQ(after["model"]["name"], "other");
    EXPECT_EQ(after["picture"], before["picture"]);
    EXPECT_EQ(after["predictions"], before["predictions"]);
  };
  expect_kept();
  ASSERT_TRUE(bench.open_file("mine.png", io::encode_png(test_picture())).has_value());
  bench.settle();
  expect_kept();
}

TEST(Reading, RefusesWhatMakesNoSense) {
  Bench bench;
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","order":"grb"})"), "The order of colours is rgb or bgr.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","scale":"2-3"})"),
            "There is no scale '2-3'; there are imagenet, 0-1, -1-1 and 0-255.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","std":[1,0,1]})"),
            "The standard deviation (std) must consist of positive numbers.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","mean":[1,0]})"),
            "The mean must be a list of three numbers, one per colour.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","size":4})"),
            "A picture's side must be from 8 to 1,024 pixels.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","crop":1.5})"),
            "The crop must be a share of the picture's shorter side, above 0 and at most 1.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_reading","invert":true})"), "Only grey pictures are inverted.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":["cat"]})"),
            "The list has 1 name, but the model has 4 classes; it must have one for each, in their order.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":["a","b","c",""]})"), "The name '' cannot be shown.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_labels","labels":"cat"})"),
            "The command's field 'labels' must be a list.");
}

TEST(Reading, ATextFileNamesTheClasses) {
  Bench bench;
  const json before = state_of(bench);
  ASSERT_TRUE(bench.open_file("four.txt", io::as_bytes("ant\nbee\ncow\ndog\n")).has_value());
  bench.settle();
  const json after = state_of(bench);
  EXPECT_EQ(after["model"]["labels"], json({"ant", "bee", "cow", "dog"}));
  EXPECT_EQ(after["notice"], "The classes now have the names in 'four.txt'.");
  EXPECT_EQ(after["predictions"][0]["probability"], before["predictions"][0]["probability"]);
  EXPECT_FALSE(bench.open_file("three.txt", io::as_bytes("ant\nbee\ncow\n")).has_value());
  EXPECT_EQ(
      bench.lab.error(),
      "'three.txt': The list has 3 names, but the model has 4 classes; it must have one for each, in their order.");
  EXPECT_EQ(state_of(bench)["model"]["labels"], after["model"]["labels"]);
}

}  // namespace
}  // namespace weightroom::document
