#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "studies/study.h"

namespace weightroom::studies {

// How often values fall into equal parts of low .. high, with the loaded weights and with those in use.
struct Histogram {
  static constexpr std::size_t kBins = 48;
  double low = 0.0;
  double high = 0.0;
  std::vector<double> before{};  // shares of all values
  std::vector<double> now{};
};

// The loaded and the edited model on the picture, layer by layer.
struct Beside {
  struct Row {
    int node = 0;
    double relative = 0.0;  // root mean square of the change, in those of what was there; NaN where that is 0
    double largest = 0.0;   // change of a value
    // Channels of an activation function that give 0 everywhere, on every picture looked at.
    std::vector<int> silent_before{};
    std::vector<int> silent_now{};
    Histogram activations{};
    Histogram weights{};    // empty of nodes without
    Histogram gradients{};  // of the target's logit by these weights
  };
  std::vector<Row> rows{};   // every node but the input
  int first = -1;            // the first node whose output has any other bit; -1: none
  std::size_t pictures = 1;  // that silent channels were looked for on
  // The selected layer's channels that changed most, and their maps (H,W).
  struct Channel {
    int channel = 0;
    double largest = 0.0;
    std::vector<float> before{};
    std::vector<float> now{};
    std::vector<float> change{};
  };
  int node = -1;
  int height = 0;
  int width = 0;
  std::vector<Channel> channels{};
  std::uint64_t version = 0;  // another number for each content
};

}  // namespace weightroom::studies
