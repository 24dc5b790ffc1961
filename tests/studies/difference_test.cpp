// The loaded and the edited model side by side.
#include "studies/difference.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/garments.h"
#include "nn/weight_ref.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::Garments;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;

json difference_of(const Bench& bench) { return state_of(bench)["study"]["difference"]; }

TEST(Difference, NothingDiffersBeforeAnEdit) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"difference"})");
  const json found = difference_of(bench);
  EXPECT_TRUE(found["first"].is_null());
  ASSERT_EQ(found["layers"].size(), 8U);
  for (const json& row : found["layers"]) EXPECT_EQ(row["relative"], 0.0);
}

TEST(Difference, BeginsWhereTheEditIs) {
  Bench bench;
  run(bench, R"({"command":"select_layer","layer":"conv2"})");
  run(bench, R"({"command":"open_page","page":"difference"})");
  run(bench, R"({"command":"change","operation":"scale","on":"conv2.weight[5]","params":{"factor":1.5}})");
  const json found = difference_of(bench);
  EXPECT_EQ(found["first"], "conv2");
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(found["layers"][k]["relative"], 0.0) << found["layers"][k];
  EXPECT_EQ(found["channels"][0]["channel"], 5);
  EXPECT_EQ(found["channels"][1]["largest"], 0.0) << "the others are the same";
  // The root mean square from the maps themselves.
  nn::Session loaded(bench.lab.document().model->graph, bench.lab.document().model->weights, {});
  loaded.set_input(*bench.lab.document().picture->input);
  loaded.forward();
  const auto before = loaded.activation(4).values();
  const auto now = bench.lab.engine().activation(4).values();
  double change = 0.0;
  double there = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    change += std::pow(static_cast<double>(now[i]) - static_cast<double>(before[i]), 2.0);
    there += std::pow(static_cast<double>(before[i]), 2.0);
  }
  EXPECT_NEAR(found["layers"][3]["relative"].get<double>(), std::sqrt(change / there), 1e-8);
  const Beside& beside = bench.lab.engine().study().get<Beside>();
  ASSERT_EQ(beside.channels.size(), 6U);
  for (std::size_t i = 0; i < beside.channels[0].now.size(); ++i)
    EXPECT_EQ(beside.channels[0].change[i], beside.channels[0].now[i] - beside.channels[0].before[i]);
}

TEST(Difference, HistogramsCountEveryValueOnce) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"difference"})");
  run(bench, R"({"command":"change","operation":"prune","on":"fc","params":{"share":0.5}})");
  const Beside& beside = bench.lab.engine().study().get<Beside>();
  const auto sum = [](const std::vector<double>& shares) { return std::accumulate(shares.begin(), shares.end(), 0.0); };
  for (const Beside::Row& row : beside.rows) {
    EXPECT_NEAR(sum(row.activations.before), 1.0, 1e-9);
    EXPECT_NEAR(sum(row.activations.now), 1.0, 1e-9);
    if (row.weights.now.empty()) continue;
    EXPECT_NEAR(sum(row.weights.before), 1.0, 1e-9);
    EXPECT_NEAR(sum(row.weights.now), 1.0, 1e-9);
    EXPECT_NEAR(sum(row.gradients.now), 1.0, 1e-9);
  }
  // Half of 48 weights are now 0, which with the 4 biases of 0 makes 28 of 52 in the bin that holds 0.
  const Histogram& fc = beside.rows.back().weights;
  const auto bin = static_cast<std::size_t>(-fc.low / (fc.high - fc.low) * Histogram::kBins);
  EXPECT_GE(fc.now[bin], 28.0 / 52.0 - 1e-9);
  EXPECT_LT(fc.before[bin], 0.3);
}

TEST(Difference, SilentChannelsAreListed) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"difference"})");
  const auto silent = [&](const char* layer, const char* when) {
    for (const json& row : difference_of(bench)["layers"]) {
      if (row["layer"] == layer) return row[when].get<std::vector<int>>();
    }
    return std::vector<int>{-1};
  };
  const auto before = silent("relu1", "silent_now");
  EXPECT_EQ(std::ranges::count(before, 3), 0);
  // A bias far below everything: no picture brings the channel above 0.
  run(bench, R"({"command":"set_weight","weight":"conv1.bias[3]","value":-1000})");
  EXPECT_EQ(silent("relu1", "silent_before"), before);
  const auto now = silent("relu1", "silent_now");
  EXPECT_EQ(now.size(), before.size() + 1);
  EXPECT_EQ(std::ranges::count(now, 3), 1);
  EXPECT_TRUE(silent("conv1", "silent_now").empty()) << "only of activation functions";
}

TEST(Difference, LooksForSilentChannelsOnTheSet) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_page","page":"difference"})");
  EXPECT_EQ(difference_of(bench)["pictures"], 101);
}

// Silent on the bench's picture is not silent: one picture of the set that wakes the channel is enough.
TEST(Difference, AChannelThatAnyPictureWakesIsNotSilent) {
  Garments bench;
  run(bench, R"({"command":"open_page","page":"difference"})");
  const auto map = bench.lab.engine().activation(1);
  const auto channel = map.values().first(map.shape.sample_size() / static_cast<std::size_t>(map.shape[1]));
  const document::Document& document = bench.lab.document();
  const auto bias = *nn::parse_weight_ref(document.graph(), "conv1.bias[0]");
  const float below = document.weight(bias) - *std::ranges::max_element(channel) - 1e-3F;
  run(bench, json{{"command", "set_weight"}, {"weight", "conv1.bias[0]"}, {"value", below}}.dump());
  const auto silent = [&] { return difference_of(bench)["layers"][1]["silent_now"].get<std::vector<int>>(); };
  EXPECT_EQ(std::ranges::count(silent(), 0), 1);
  run(bench, R"({"command":"open_set","name":"garments"})");
  EXPECT_EQ(std::ranges::count(silent(), 0), 0);
}

// The two files of MNIST's form, as a visitor drops them: in any order, and refused where they do not fit.
TEST(IdxPair, IsALabelledSet) {
  for (const bool labels_first : {false, true}) {
    Garments bench;
    const auto images = bench.files.at("samples/garments-test-images.idx.gz");
    const auto labels = bench.files.at("samples/garments-test-labels.idx.gz");
    ASSERT_TRUE(bench.open_file("one.gz", labels_first ? labels : images).has_value());
    bench.settle();
    EXPECT_NE(state_of(bench)["notice"].get<std::string>().find(labels_first ? "with their pictures too"
                                                                             : "with their labels too"),
              std::string::npos);
    EXPECT_TRUE(state_of(bench)["measure"].is_null());
    ASSERT_TRUE(bench.open_file("two.gz", labels_first ? images : labels).has_value());
    bench.settle();
    const json measure = state_of(bench)["measure"];
    EXPECT_EQ(measure["set"]["pictures"], 1000);
    EXPECT_EQ(measure["set"]["classes"][0]["class"], measure["set"]["classes"][0]["name"]);
    Garments shipped;
    run(shipped, R"({"command":"open_set","name":"garments"})");
    EXPECT_EQ(measure["now"]["accuracy"], state_of(shipped)["measure"]["now"]["accuracy"]);
  }
}

TEST(IdxPair, IsRefusedWhereTheFilesDoNotFit) {
  Garments bench;
  ASSERT_TRUE(bench.open_file("images.gz", bench.files.at("samples/garments-test-images.idx.gz")).has_value());
  const auto refused = bench.open_file("labels.idx", lab::testing::some_labels());
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message().find("1,000 pictures and 40 labels"), std::string::npos)
      << refused.error().message();
  // Both are put away: the next pair begins anew.
  ASSERT_TRUE(bench.open_file("labels.gz", bench.files.at("samples/garments-test-labels.idx.gz")).has_value());
  EXPECT_NE(state_of(bench)["notice"].get<std::string>().find("pictures too"), std::string::npos);
}

}  // namespace
}  // namespace weightroom::studies
