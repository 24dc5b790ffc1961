#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nn/graph.h"

namespace weightroom::test {

// A network evaluated slowly and plainly in double: what the fast float32 engine is held against.
// Its derivatives are finite differences.
class Oracle {
 public:
  Oracle(const nn::Graph& graph, std::span<const float> weights);

  std::vector<double> weights;  // flat; may be changed between calls

  // Outputs of every node for one input (C,H,W).
  void forward(std::span<const double> input);
  // Puts `values` in place of a node's output and evaluates what follows it.
  void replace(int node, std::span<const double> values);
  [[nodiscard]] const std::vector<double>& activation(int node) const {
    return activations_[static_cast<std::size_t>(node)];
  }
  [[nodiscard]] const std::vector<double>& logits() const { return activation(graph_.logits()); }

  // d logit / d output `index` of a node (0: the input) at `input`, and d logit / d weight `index`.
  // Nothing where a ReLU or maximum switches within the step.
  [[nodiscard]] std::optional<double> d_activation(std::span<const double> input, int node, std::size_t index,
                                                   int target);
  [[nodiscard]] std::optional<double> d_weight(std::span<const double> input, std::size_t index, int target);

 private:
  void run(int node);

  const nn::Graph& graph_;
  std::vector<std::vector<double>> activations_;
  std::vector<double> workspace_;
};

[[nodiscard]] std::vector<double> widen(std::span<const float> values);

// Largest |a - b| over all indices, divided by the largest |b|; `missing` counts the empty ones
// among b, left out.
struct Difference {
  double relative = 0.0;
  std::size_t missing = 0;
};
[[nodiscard]] Difference difference(std::span<const float> a, std::span<const std::optional<double>> b);

}  // namespace weightroom::test
