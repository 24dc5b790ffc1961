#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "nn/attributes.h"
#include "nn/op.h"

namespace weightroom::nn {

// A node as it is written down: the layers of a model in data order.
struct NodeSpec {
  std::string name;  // unique; letters, digits, '_', '-' and '.'
  std::string op;
  std::vector<std::string> inputs;  // names of earlier nodes, or "input"
  Attributes attributes;
  [[nodiscard]] bool operator==(const NodeSpec&) const = default;
};

struct GraphSpec {
  Shape input;  // (C,H,W) of one sample
  std::vector<NodeSpec> nodes;
  [[nodiscard]] bool operator==(const GraphSpec&) const = default;
};

// A weight tensor of the graph; all of them lie one after another in one flat vector of floats.
struct GraphWeight {
  std::string name;  // "conv1.weight"
  int node = 0;
  Shape shape;
  std::size_t offset = 0;  // in floats, into the flat vector
  Init init = Init::zeros;
  bool trainable = true;
  bool decays = false;
};

struct Node {
  std::string name;
  const OpDef* op = nullptr;  // nullptr for node 0, the input
  Attributes attributes;
  std::vector<int> inputs;   // indices of earlier nodes
  std::vector<int> weights;  // indices into Graph::weights
  Shape output;              // at batch 1: (1,C,H,W) or (1,C)
  double multiply_adds = 0.0;
};

// A checked architecture: immutable once built. Node 0 is "input"; the last node's output is the answer.
class Graph {
 public:
  // Refuses by a sentence: unknown op, unknown or later input, repeated name, attributes or shapes that do not fit,
  // more than 10,000 nodes or 2^28 floats in a tensor.
  static Result<std::shared_ptr<const Graph>> build(const GraphSpec& spec);

  [[nodiscard]] const GraphSpec& spec() const { return spec_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<GraphWeight>& weights() const { return weights_; }
  [[nodiscard]] std::size_t weight_count() const { return weight_count_; }  // floats in the flat vector
  [[nodiscard]] double multiply_adds() const { return multiply_adds_; }     // of one sample
  // The node whose output is the logits: the last one, or its input where the last one is a softmax or a sigmoid.
  [[nodiscard]] int logits() const { return logits_; }
  // How they become probabilities: as the last op says; a softmax where it is neither.
  [[nodiscard]] Answer answer() const { return answer_; }
  [[nodiscard]] int class_count() const;  // elements of the logits of one sample

  [[nodiscard]] int find_node(std::string_view name) const;    // -1 where there is none
  [[nodiscard]] int find_weight(std::string_view name) const;  // -1 where there is none

  // Shapes of a node's output and inputs at batch n.
  [[nodiscard]] Shape output_shape(int node, int n) const;
  [[nodiscard]] std::vector<Shape> input_shapes(int node, int n) const;

  // RFC 8785 canonical JSON: {"input":[C,H,W],"nodes":[{"attributes":{},"inputs":[],"name":"","op":""}]}
  [[nodiscard]] std::string canonical_json() const;

 private:
  GraphSpec spec_;
  std::vector<Node> nodes_;
  std::vector<GraphWeight> weights_;
  std::size_t weight_count_ = 0;
  double multiply_adds_ = 0.0;
  int logits_ = 0;
  Answer answer_ = Answer::softmax;
};

// 64 hexadecimal digits: SHA-256 over the graph's canonical JSON and then the fp32 bytes (little-endian) of the
// weights.
[[nodiscard]] std::string fingerprint(const Graph& graph, std::span<const float> weights);
// The same in steps: what the weights, in order and in any pieces, are still to be added to.
[[nodiscard]] base::Sha256 begin_fingerprint(const Graph& graph);

// Every weight filled as its spec says, He-normal draws keyed by seed and the weight's name.
[[nodiscard]] std::vector<float> initial_weights(const Graph& graph, std::uint64_t seed);
// Of one tensor of them.
[[nodiscard]] std::vector<float> initial_tensor(const Graph& graph, int tensor, std::uint64_t seed);

// The most nodes that a graph may have.
inline constexpr std::size_t kMostNodes = 10'000;

// Of layers that have a batch_norm folded into them: what it added to the variance, where that is not 1e-5. Other
// weights for the same layers, whose norm is still apart, are folded with it.
using NormEpsilons = std::map<std::string, double>;

// The same function without batch_norm: each one whose input is a conv2d (or linear) is folded into it.
struct Folded {
  std::shared_ptr<const Graph> graph;
  std::vector<float> weights;
  NormEpsilons epsilons{};
};
// A batch_norm that follows anything else, or a conv2d whose output somebody else reads too, is refused by a sentence
// or stays as it is.
enum class OtherNorms { refuse, keep };
[[nodiscard]] Result<Folded> fold_batch_norm(const Graph& graph, std::span<const float> weights,
                                             OtherNorms others = OtherNorms::refuse);

// A batch_norm in evaluation: one number a channel each.
struct NormValues {
  std::vector<float> gamma;
  std::vector<float> beta;
  std::vector<float> mean;
  std::vector<float> variance;
  double epsilon = 1e-5;
};
// A layer's kernel (O,...) and bias (O, or empty) together with the norm that follows it, computed in double.
void fold_norm(std::span<const float> kernel, std::span<const float> bias, const NormValues& norm,
               std::span<float> folded_kernel, std::span<float> folded_bias);

}  // namespace weightroom::nn
