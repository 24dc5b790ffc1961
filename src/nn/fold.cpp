// fold_batch_norm: W' = W * s, b' = (b - mean) * s + beta with s = gamma / sqrt(var + epsilon), channel by channel.
#include <algorithm>
#include <cmath>

#include "nn/graph.h"

namespace weightroom::nn {
namespace {

int reader_count(const Graph& graph, int node) {
  int count = 0;
  for (const Node& other : graph.nodes()) count += static_cast<int>(std::ranges::count(other.inputs, node));
  return count;
}

// The batch_norm that alone reads this node, or -1.
int foldable_reader(const Graph& graph, int node) {
  if (reader_count(graph, node) != 1) return -1;
  const auto& nodes = graph.nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (std::ranges::find(nodes[i].inputs, node) != nodes[i].inputs.end()) {
      return nodes[i].op->name == "batch_norm" ? static_cast<int>(i) : -1;
    }
  }
  return -1;
}

std::span<const float> values_of(const Graph& graph, std::span<const float> weights, const Node& node, std::size_t k) {
  const GraphWeight& weight = graph.weights()[static_cast<std::size_t>(node.weights[k])];
  return weights.subspan(weight.offset, weight.shape.size());
}

void append_folded(const Graph& graph, std::span<const float> weights, const Node& layer, const Node& norm,
                   std::vector<float>& out) {
  const auto kernel = values_of(graph, weights, layer, 0);
  const auto gamma = values_of(graph, weights, norm, 0);
  const auto beta = values_of(graph, weights, norm, 1);
  const auto mean = values_of(graph, weights, norm, 2);
  const auto variance = values_of(graph, weights, norm, 3);
  const double epsilon = norm.attributes.real("epsilon", 1e-5).value();
  const std::size_t channels = gamma.size();
  const std::size_t fan = kernel.size() / channels;
  std::vector<float> bias(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = static_cast<double>(gamma[c]) / std::sqrt(static_cast<double>(variance[c]) + epsilon);
    for (std::size_t i = 0; i < fan; ++i)
      out.push_back(static_cast<float>(static_cast<double>(kernel[c * fan + i]) * scale));
    const double before = layer.weights.size() > 1 ? static_cast<double>(values_of(graph, weights, layer, 1)[c]) : 0.0;
    bias[c] = static_cast<float>((before - static_cast<double>(mean[c])) * scale + static_cast<double>(beta[c]));
  }
  out.insert(out.end(), bias.begin(), bias.end());
}

}  // namespace

Result<Folded> fold_batch_norm(const Graph& graph, std::span<const float> weights, OtherNorms others) {
  CHECK(weights.size() == graph.weight_count());
  const auto& nodes = graph.nodes();
  GraphSpec spec;
  spec.input = graph.spec().input;
  std::vector<std::string> renamed(nodes.size());  // where a node's readers find its output now
  std::vector<float> folded;
  renamed[0] = "input";
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const bool linear_map = node.op->name == "conv2d" || node.op->name == "linear";
    const int norm = linear_map ? foldable_reader(graph, static_cast<int>(i)) : -1;
    renamed[i] = node.name;
    if (node.op->name == "batch_norm") {
      const Node& source = nodes[static_cast<std::size_t>(node.inputs[0])];
      const bool folds = source.op != nullptr && (source.op->name == "conv2d" || source.op->name == "linear") &&
                         foldable_reader(graph, node.inputs[0]) == static_cast<int>(i);
      if (!folds && others == OtherNorms::refuse)
        return fail("The batch_norm '" + node.name +
                    "' follows no conv2d or linear of its own, so it cannot be folded.");
      if (folds) {
        renamed[i] = source.name;
        continue;
      }
    }
    NodeSpec row{node.name, std::string(node.op->name), {}, node.attributes};
    for (int input : node.inputs) row.inputs.push_back(renamed[static_cast<std::size_t>(input)]);
    if (norm >= 0) {
      row.attributes.set("bias", 1LL);
      append_folded(graph, weights, node, nodes[static_cast<std::size_t>(norm)], folded);
    } else {
      for (std::size_t k = 0; k < node.weights.size(); ++k) {
        const auto values = values_of(graph, weights, node, k);
        folded.insert(folded.end(), values.begin(), values.end());
      }
    }
    spec.nodes.push_back(std::move(row));
  }
  auto built = Graph::build(spec);
  if (!built) return std::unexpected(built.error());
  CHECK((*built)->weight_count() == folded.size());
  return Folded{std::move(*built), std::move(folded)};
}

}  // namespace weightroom::nn
