#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "nn/model.h"

// How long a model takes here, on one thread, with pictures of noise.
namespace weightroom::timing {

struct BenchOptions {
  int batch = 1;
  int runs = 50;
};

// Medians in milliseconds. A gradient is the backward pass alone, its forward pass done.
struct BenchTimings {
  double forward = 0.0;
  double fastest_forward = 0.0;  // the fastest of them, not their median
  double input_gradient = 0.0;
  double weight_gradient = 0.0;  // by all weights
  double all_gradients = 0.0;    // by the input and by all weights
  double step = 0.0;             // a training step: forward, gradient of all weights, weights changed by it
  double edit = 0.0;  // a first-layer weight changed: forward, gradient and map, as the page does at every drag
  std::size_t held_bytes = 0;    // by the session
  std::size_t needed_bytes = 0;  // every activation, weights, their gradients, the two largest gradients side by side
};

// The fields of `weightroom bench --json`: "forward_ms", ...
[[nodiscard]] nlohmann::ordered_json to_json(const BenchTimings& timings);

[[nodiscard]] BenchTimings bench(const nn::Model& model, const BenchOptions& options);

// SHA-256 of what is timed: the logits, the gradients by the input and by all weights for one picture of noise, and the
// logits after three steps of gradient descent. The same on every machine, in every browser and on any number of lanes.
[[nodiscard]] std::string bench_digest(const nn::Model& model);

struct LayerTiming {
  int node = 0;
  double forward = 0.0;
  double input_gradient = 0.0;
  double all_gradients = 0.0;
};

// Of every node but the input.
[[nodiscard]] std::vector<LayerTiming> bench_layers(const nn::Model& model, const BenchOptions& options);

// An array of {"layer", "op", "multiply_adds", "forward_ms", ...}.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<LayerTiming>& layers, const nn::Graph& graph, int batch);

}  // namespace weightroom::timing
