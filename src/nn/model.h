#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/flat_weights.h"
#include "nn/graph.h"
#include "nn/none_of_these.h"

namespace weightroom::nn {

// From a picture to the input tensor: the square in its middle, resized (Mitchell) to the graph's H x W, RGB or grey
// (0.299 R + 0.587 G + 0.114 B), then (value / 255 - mean) / std for each channel.
struct Preprocessing {
  std::array<float, 3> mean{0.0F, 0.0F, 0.0F};  // of the tensor's channels: with `bgr` blue is the first
  std::array<float, 3> std{1.0F, 1.0F, 1.0F};
  // Side of that square, as a share of the picture's shorter side: of torchvision's Resize(256) and CenterCrop(224) it
  // is 224 / 256 (timm calls it crop_pct). Above 0, at most 1.
  float crop = 1.0F;
  bool bgr = false;  // channels are blue, green, red (models from Caffe and OpenCV)
  bool invert =
      false;  // light on dark (Fashion-MNIST): value = 255 - value, for pictures that are not samples of the set
  // Which of red (0), green and blue a channel of the tensor is.
  [[nodiscard]] std::size_t colour(std::size_t channel) const { return bgr ? 2 - channel : channel; }
  [[nodiscard]] bool operator==(const Preprocessing&) const = default;
};

// A classifier with all that a file of it holds. Cheap to copy: graph and weights are shared.
struct Model {
  std::string name;   // "everyday"
  std::string title;  // one line for people: "24 everyday things, 64x64 photographs"
  std::shared_ptr<const Graph> graph;
  FlatWeights weights;              // graph->weight_count() of them
  std::vector<std::string> labels;  // graph->class_count() of them
  Preprocessing preprocessing;
  NormEpsilons epsilons{};             // what other weights for these layers need
  std::optional<NoneOfThese> gauge{};  // of pictures unlike all it was trained on; none: it says nothing of them
  // What goes into the layer of the logits (nn::features) has, over the pictures it was trained on, a root mean square
  // length of so much; 0 where that is not known.
  float feature_scale = 0.0F;
  std::string provenance;  // JSON text: data, command, seed, accuracy; "{}" where unknown
};

}  // namespace weightroom::nn
