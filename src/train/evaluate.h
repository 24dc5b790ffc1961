#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "nn/dataset.h"
#include "nn/graph.h"
#include "nn/model.h"

namespace weightroom::train {

// How well a net answers for a labelled set.
struct Evaluation {
  std::size_t count = 0;
  double top1 = 0.0;             // share of pictures whose label has the highest logit, 0 to 1
  double top5 = 0.0;             // ... one of the five highest
  double loss = 0.0;             // mean cross-entropy in nats
  std::vector<int> class_count;  // pictures of each class
  std::vector<int> class_right;  // of these, right at once
  std::vector<int> confusion;    // (truth, answer), classes x classes, row-major
};

// Pictures done, pictures in all; called from the calling thread.
using EvaluationProgress = std::function<void(std::size_t done, std::size_t total)>;

// The set's classes must be the graph's, its pictures of the graph's input extents. The same numbers on any number of
// threads.
[[nodiscard]] Evaluation evaluate(const std::shared_ptr<const nn::Graph>& graph, std::span<const float> weights,
                                  const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads,
                                  const EvaluationProgress& progress = {});

// Channel means and the standard deviations of all pictures, of value / 255, to four decimals: what a reader can write
// down again.
[[nodiscard]] nn::Preprocessing measure(const nn::LabelledImages& images);

}  // namespace weightroom::train
