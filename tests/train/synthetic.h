#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "nn/dataset.h"
#include "train/arch.h"
#include "train/recipe.h"

namespace weightroom::train {

// Pictures that a small net learns in a moment: class k has a bright band at a place of its own, under noise.
inline nn::LabelledImages synthetic_images(std::size_t count, int classes, int channels, int side, std::uint64_t seed) {
  nn::LabelledImages images;
  images.channels = channels;
  images.height = side;
  images.width = side;
  base::Rng rng(seed, "synthetic");
  for (int k = 0; k < classes; ++k) images.class_names.push_back("class" + std::to_string(k));
  for (std::size_t i = 0; i < count; ++i) {
    const int label = static_cast<int>(i) % classes;
    images.labels.push_back(label);
    images.names.push_back(images.class_names[static_cast<std::size_t>(label)] + "/" + std::to_string(i) + ".png");
    const int band = label * side / classes;
    for (int c = 0; c < channels; ++c) {
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const bool bright = y >= band && y < band + side / classes;
          images.pixels.push_back(static_cast<std::uint8_t>((bright ? 150U : 20U) + rng.below(80)));
        }
      }
    }
  }
  return images;
}

inline std::shared_ptr<const nn::Graph> graph_of(const Recipe& recipe, const nn::Shape& input, int answers) {
  auto spec = parse_architecture(recipe.net, input, answers);
  EXPECT_TRUE(spec) << spec.error().message();
  auto graph = nn::Graph::build(*spec);
  EXPECT_TRUE(graph) << graph.error().message();
  return *graph;
}

}  // namespace weightroom::train
