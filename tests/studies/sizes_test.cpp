// What the page promises of file sizes is what files have, before and after edits.
#include "studies/sizes.h"

#include <gtest/gtest.h>

#include "lab/garments.h"
#include "lab/save_model.h"
#include "onnx/open_model.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::run;

const ModelSizes& sizes_of(Bench& bench) {
  bench.settle();
  const ModelSizes* sizes = bench.lab.engine().sizes().sizes();
  EXPECT_NE(sizes, nullptr);
  return *sizes;
}

void expect_as_saved(Bench& bench) {
  const ModelSizes& sizes = sizes_of(bench);
  for (int k = 0; k < io::kStores; ++k) {
    const auto file = lab::edited_file(bench.lab.document(), io::kStoreNames[k]);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(sizes.file[static_cast<std::size_t>(k)], file->size()) << io::kStoreNames[k];
    const auto again = onnx::open_model("again.safetensors", *file);
    ASSERT_TRUE(again.has_value()) << again.error().message();
  }
  const auto onnx = lab::edited_file(bench.lab.document(), "onnx");
  ASSERT_TRUE(onnx.has_value());
  EXPECT_EQ(sizes.onnx, onnx->size());
}

TEST(Sizes, AreThoseOfTheFilesAfterEveryEdit) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"size"})");
  expect_as_saved(bench);
  const ModelSizes before = sizes_of(bench);
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.8}})");
  expect_as_saved(bench);
  const auto smallest = static_cast<std::size_t>(io::Store::smallest);
  EXPECT_LT(sizes_of(bench).file[smallest], before.file[smallest] * 3 / 4);
  EXPECT_EQ(sizes_of(bench).file[static_cast<std::size_t>(io::Store::full)],
            before.file[static_cast<std::size_t>(io::Store::full)]);
  run(bench, R"({"command":"change","operation":"quantise","on":"all","params":{"bits":4,"per":"channel"}})");
  expect_as_saved(bench);
  run(bench, R"({"command":"undo"})");
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(sizes_of(bench).file, before.file);
}

TEST(Sizes, TheSmallestFileHasEveryBit) {
  Bench bench;
  for (const char* change : {R"({"command":"change","operation":"prune","on":"all","params":{"share":0.5}})",
                             R"({"command":"change","operation":"quantise","on":"all","params":{"bits":3}})"}) {
    run(bench, change);
    const auto file = lab::edited_file(bench.lab.document(), "smallest");
    ASSERT_TRUE(file.has_value());
    const auto again = onnx::open_model("again.safetensors", *file);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    const auto& graph = bench.lab.document().graph();
    EXPECT_EQ(nn::fingerprint(*again->graph, again->weights),
              nn::fingerprint(graph, bench.lab.document().edit.running.flat()));
  }
}

TEST(Sizes, TheHistoryTellsWhatAStepDidToTheFile) {
  Bench bench;
  bench.settle();
  const auto loaded = bench.lab.engine().sizes().file_after(nullptr);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(*loaded, lab::edited_file(bench.lab.document(), "smallest")->size());
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.8}})");
  bench.settle();
  const auto after = bench.lab.engine().sizes().file_after(bench.lab.document().edit.steps.back());
  ASSERT_TRUE(after.has_value());
  EXPECT_LT(*after, *loaded);
  EXPECT_EQ(*after, lab::edited_file(bench.lab.document(), "smallest")->size());
  EXPECT_EQ(bench.lab.engine().sizes().sizes(), nullptr) << "the rest is for the page that asks";
}

// What a drag passes through is no step: it must not be taken for what was there before.
TEST(Sizes, ADragUnderWayLeavesTheStepBeforeAlone) {
  lab::testing::Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  const auto step_of = [&] { return lab::testing::state_of(bench)["edits"][0]; };
  const auto loaded = bench.lab.engine().sizes().file_after(nullptr);
  const auto accuracy = bench.lab.engine().measure().accuracy_after(nullptr);
  for (const double share : {0.5, 0.9}) {
    run(bench, R"({"command":"change","operation":"prune","on":"all","preview":true,"params":{"share":)" +
                   std::to_string(share) + "}}");
    EXPECT_EQ(bench.lab.engine().sizes().file_after(nullptr), loaded);
    EXPECT_EQ(bench.lab.engine().measure().accuracy_after(nullptr), accuracy);
  }
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.9}})");
  EXPECT_EQ(step_of()["bytes_before"], *loaded);
  EXPECT_LT(step_of()["bytes_after"], *loaded);
  EXPECT_LT(step_of()["accuracy_after"], step_of()["accuracy_before"]);
}

TEST(Sizes, FollowWhatElseStandsInTheFile) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"size"})");
  bench.settle();
  run(bench, R"({"command":"set_labels","labels":["a very long name indeed","b","c","d"]})");
  expect_as_saved(bench);
  run(bench, R"({"command":"switch","layer":"relu1","on":false})");
  expect_as_saved(bench);
}

TEST(Sizes, CountsWeightsZerosAndTime) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"size"})");
  run(bench, R"({"command":"change","operation":"zero","on":"conv1.weight"})");
  const ModelSizes& sizes = sizes_of(bench);
  const nn::Graph& graph = bench.lab.document().graph();
  std::size_t weights = 0;
  for (const LayerSize& layer : sizes.layers) {
    weights += layer.weights;
    EXPECT_EQ(layer.bytes[static_cast<std::size_t>(io::Store::full)], layer.weights * 4);
  }
  EXPECT_EQ(weights, graph.weight_count());
  const auto first = static_cast<std::size_t>(graph.find_weight("conv1.weight"));
  EXPECT_GE(sizes.layers[0].zeros, graph.weights()[first].shape.size());
  ASSERT_EQ(sizes.ms.size(), graph.nodes().size());
  for (std::size_t node = 1; node < sizes.ms.size(); ++node) EXPECT_GE(sizes.ms[node], 0.0) << node;
  // Every layer is run in every pass: a convolution takes longer than passing on what it gave.
  EXPECT_GT(sizes.ms[1], sizes.ms[7]) << "flatten";
}

TEST(Sizes, AsksGzipForEachLayerAndTheFile) {
  Bench bench;
  std::vector<std::pair<std::size_t, std::function<void(std::size_t)>>> asked;
  bench.lab.use_gzip([&](std::vector<std::byte> bytes, std::function<void(std::size_t)> done) {
    asked.emplace_back(bytes.size(), std::move(done));
  });
  run(bench, R"({"command":"open_page","page":"size"})");
  for (int k = 0; k < 20; ++k) {
    bench.settle();
    EXPECT_LE(asked.size(), static_cast<std::size_t>(k) + 1) << "one after another";
    if (!asked.empty() && asked.back().second) std::exchange(asked.back().second, nullptr)(asked.back().first / 2);
  }
  const ModelSizes& sizes = sizes_of(bench);
  ASSERT_EQ(asked.size(), sizes.layers.size() + 1);
  for (std::size_t k = 0; k < sizes.layers.size(); ++k) {
    EXPECT_EQ(asked[k].first, sizes.layers[k].weights * 4);
    EXPECT_EQ(sizes.layers[k].gzip, asked[k].first / 2);
  }
  EXPECT_EQ(asked.back().first, sizes.file[static_cast<std::size_t>(io::Store::full)]);
  EXPECT_EQ(sizes.gzip, asked.back().first / 2);
}

TEST(Sizes, SavesAsEveryKindAndRefusesAnother) {
  Bench bench;
  for (const char* as : {"plain", "fp32", "fp16", "int8", "int4", "smallest", "onnx"}) {
    run(bench, std::string(R"({"command":"save_model","as":")") + as + "\"}");
    ASSERT_FALSE(bench.saved.empty());
    EXPECT_TRUE(bench.saved.back().first.ends_with(as == std::string("onnx") ? ".onnx" : ".safetensors"));
  }
  const auto refused = bench.lab.run_json(R"({"command":"save_model","as":"zip"})");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message(),
            "A model is saved as plain, fp32, fp16, int8, int4, smallest or onnx, not as 'zip'.");
}

}  // namespace
}  // namespace weightroom::studies
