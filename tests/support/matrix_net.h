#pragma once

#include <functional>
#include <span>
#include <vector>

#include "nn/graph.h"

namespace weightroom::test {

// y = M x + b, dense, in double.
struct Affine {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  std::vector<double> matrix;  // (outputs, inputs)
  std::vector<double> bias;    // (outputs)

  [[nodiscard]] double at(std::size_t o, std::size_t i) const { return matrix[o * inputs + i]; }
};

// A small network as the matrices, ReLUs, maxima and sums that it is, in double and without any of the engine's passes:
// what the rules of explain/ are held against. Ops: those of mixed_net() and chain_net(), and softmax for forward
// alone.
class MatrixNet {
 public:
  MatrixNet(const nn::Graph& graph, std::span<const float> weights);

  using Values = std::vector<double>;
  // Outputs of every node.
  [[nodiscard]] std::vector<Values> forward(const Values& input) const;
  [[nodiscard]] double logit(const Values& input, int target) const;

  // One node's way back: what its inputs get (one list each) of what its output got.
  struct Step {
    int node;
    const nn::Node& of;
    const std::vector<Values>& values;  // of every node
    const Values& got;
  };
  using Rule = std::function<std::vector<Values>(const Step& step)>;
  // What the input gets where the target logit gets `seed`.
  [[nodiscard]] Values backward(const std::vector<Values>& values, int target, double seed, const Rule& rule) const;
  // The rule of calculus, relu'(0) = 0, the first of equal maxima.
  [[nodiscard]] std::vector<Values> calculus(const Step& step) const;
  [[nodiscard]] Values gradient(const Values& input, int target) const;

  // Of a node that is one: convolution, linear layer, batch norm, mean, flatten.
  [[nodiscard]] const Affine* affine(int node) const;
  // Of a max_pool: for each output the input that won.
  [[nodiscard]] std::vector<std::size_t> winners(int node, const Values& input) const;
  // The places under output `i` that are as large as the winner but for `tolerance` (relative above 1).
  [[nodiscard]] std::vector<std::size_t> tied(int node, const Values& input, std::size_t i, double tolerance) const;

 private:
  // Of every output of a max_pool the places that it sees, in row-major order.
  [[nodiscard]] std::vector<std::vector<std::size_t>> windows(int node) const;
  [[nodiscard]] Values run(int node, const std::vector<Values>& values) const;

  const nn::Graph& graph_;
  std::vector<double> weights_;
  std::vector<Affine> affine_;  // empty where a node is none
};

[[nodiscard]] std::vector<double> transposed_times(const Affine& m, std::span<const double> r);

}  // namespace weightroom::test
