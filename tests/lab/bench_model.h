#pragma once

#include <cstring>
#include <map>
#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/image.h"
#include "io/model_file.h"
#include "lab/lab.h"
#include "nn/model.h"
#include "opener/open_file.h"

namespace weightroom::lab::testing {

// A small random classifier of 3 x 16 x 16 pictures, named as the first model that the program opens.
inline nn::Model small_model(const std::string& name = "everyday",
                             const std::vector<std::string>& labels = {"cat", "dog", "bus", "cup"}) {
  nn::GraphSpec spec;
  spec.input = {3, 16, 16};
  const auto conv = [](const char* node, const char* input, long long channels) {
    return nn::NodeSpec{node, "conv2d", {input}, {{"out_channels", channels}, {"kernel", 3LL}, {"padding", 1LL}}};
  };
  spec.nodes = {conv("conv1", "input", 8),
                {"relu1", "relu", {"conv1"}, {}},
                {"pool1", "max_pool", {"relu1"}, {{"kernel", 2LL}}},
                conv("conv2", "pool1", 12),
                {"relu2", "relu", {"conv2"}, {}},
                {"gap", "global_avg_pool", {"relu2"}, {}},
                {"flatten", "flatten", {"gap"}, {}},
                {"fc", "linear", {"flatten"}, {{"out_features", static_cast<long long>(labels.size())}}}};
  auto graph = nn::Graph::build(spec);
  EXPECT_TRUE(graph.has_value()) << (graph ? "" : graph.error().message());
  nn::Model model;
  model.name = name;
  model.title = "test";
  model.graph = *graph;
  model.weights = nn::initial_weights(*model.graph, 7);
  model.labels = labels;
  model.preprocessing.mean = {0.5F, 0.5F, 0.5F};
  model.preprocessing.std = {0.25F, 0.25F, 0.25F};
  model.provenance = "{}";
  return model;
}

// A colourful picture, never square.
inline io::Image test_picture() {
  io::Image image;
  image.width = 40;
  image.height = 24;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      image.rgb.push_back(static_cast<std::uint8_t>(x * 6));
      image.rgb.push_back(static_cast<std::uint8_t>(y * 10));
      image.rgb.push_back(static_cast<std::uint8_t>((x * y) % 256));
    }
  }
  return image;
}

// Forty grey pictures of 28 x 28 in the form of MNIST's files, light strokes on a dark ground.
inline std::vector<std::byte> grey_samples() {
  std::vector<std::byte> idx;
  for (const int byte : {0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 28, 0, 0, 0, 28})
    idx.push_back(static_cast<std::byte>(byte));
  for (int i = 0; i < 40 * 28 * 28; ++i) idx.push_back(static_cast<std::byte>(i % 28 == i % 30 ? 240 : 10));
  return idx;
}

// A lab whose files come from memory: every model is small_model(), every picture test_picture().
struct Bench {
  Bench();
  void settle();  // steps until idle
  // As one that was dropped; the bytes stay the caller's.
  Status open_file(const std::string& name, std::span<const std::byte> bytes) {
    return lab.open_file(name, {bytes.begin(), bytes.end()});
  }
  std::vector<std::pair<std::string, std::vector<std::byte>>> saved;
  std::string failing;                                  // a file name whose fetch fails
  std::map<std::string, std::vector<std::byte>> files;  // others than those above, by name
  Lab lab;
};

inline Bench::Bench()
    : lab(
          [this](FileRequest request) {
            if (request.file == failing) return request.done(fail("The file could not be fetched."));
            if (const auto own = files.find(request.file); own != files.end()) return request.done(own->second);
            if (request.file.ends_with(".safetensors")) return request.done(io::write_model(small_model()));
            request.done(io::encode_png(test_picture()));
          },
          [this](const std::string& name, std::span<const std::byte> bytes) {
            saved.emplace_back(name, std::vector<std::byte>(bytes.begin(), bytes.end()));
          }) {
  lab.use_opener(opener::open_here);
  lab.start();
  settle();
}

inline void Bench::settle() {
  while (!lab.step(base::Budget::unlimited())) {
  }
}

inline nlohmann::json state_of(const Bench& bench) { return nlohmann::json::parse(bench.lab.state_json()); }

inline std::uint64_t run(Bench& bench, const std::string& text) {
  const auto revision = bench.lab.run_json(text);
  EXPECT_TRUE(revision.has_value()) << (revision ? "" : revision.error().message());
  bench.settle();
  return revision.value_or(0);
}

// The sentence of a command that is refused and leaves everything as it was.
inline std::string refusal(Bench& bench, const std::string& text) {
  const nlohmann::json before = state_of(bench);
  const auto revision = bench.lab.run_json(text);
  EXPECT_FALSE(revision.has_value()) << text;
  EXPECT_EQ(before, state_of(bench)) << text;
  return revision ? "" : revision.error().message();
}

inline std::vector<float> weights_of(const Bench& bench) { return bench.lab.document().edit.weights.flat(); }

inline bool same_bytes(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace weightroom::lab::testing
