// fold_batch_norm: W' = W * s, b' = (b - mean) * s + beta with s = gamma / sqrt(var + epsilon), channel by channel.
#include <algorithm>
#include <cmath>

#include <strings/graph.h>

#include "nn/graph.h"

namespace weightroom::nn {
namespace {

// For each node the batch_norm that alone reads it, or -1.
std::vector<int> foldable_readers(const Graph& graph) {
  const auto& nodes = graph.nodes();
  std::vector<int> readers(nodes.size(), -1);
  std::vector<int> counts(nodes.size(), 0);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    for (const int input : nodes[i].inputs) {
      const auto from = static_cast<std::size_t>(input);
      const bool alone = ++counts[from] == 1 && nodes[i].op->name == "batch_norm";
      readers[from] = alone ? static_cast<int>(i) : -1;
    }
  }
  return readers;
}

constexpr double kUsualEpsilon = 1e-5;  // batch_norm's

std::span<const float> values_of(const Graph& graph, std::span<const float> weights, const Node& node, std::size_t k) {
  const GraphWeight& weight = graph.weights()[static_cast<std::size_t>(node.weights[k])];
  return weights.subspan(weight.offset, weight.shape.size());
}

void append_folded(const Graph& graph, std::span<const float> weights, const Node& layer, const Node& norm,
                   std::vector<float>& out) {
  const auto values = [&](const Node& node, std::size_t k) {
    const auto span = values_of(graph, weights, node, k);
    return std::vector<float>(span.begin(), span.end());
  };
  const NormValues norm_values{values(norm, 0), values(norm, 1), values(norm, 2), values(norm, 3),
                               norm.attributes.real("epsilon", kUsualEpsilon).value()};
  const auto kernel = values_of(graph, weights, layer, 0);
  const std::size_t start = out.size();
  out.resize(start + kernel.size() + norm_values.gamma.size());
  const auto folded = std::span(out).subspan(start);
  fold_norm(kernel, layer.weights.size() > 1 ? values(layer, 1) : std::vector<float>{}, norm_values,
            folded.first(kernel.size()), folded.subspan(kernel.size()));
}

}  // namespace

void fold_norm(std::span<const float> kernel, std::span<const float> bias, const NormValues& norm,
               std::span<float> folded_kernel, std::span<float> folded_bias) {
  const std::size_t channels = norm.gamma.size();
  CHECK(folded_kernel.size() == kernel.size() && folded_bias.size() == channels);
  const std::size_t fan = kernel.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale =
        static_cast<double>(norm.gamma[c]) / std::sqrt(static_cast<double>(norm.variance[c]) + norm.epsilon);
    for (std::size_t i = c * fan; i < (c + 1) * fan; ++i)
      folded_kernel[i] = static_cast<float>(static_cast<double>(kernel[i]) * scale);
    const double before = bias.empty() ? 0.0 : static_cast<double>(bias[c]);
    folded_bias[c] =
        static_cast<float>((before - static_cast<double>(norm.mean[c])) * scale + static_cast<double>(norm.beta[c]));
  }
}

Result<Folded> fold_batch_norm(const Graph& graph, std::span<const float> weights, OtherNorms others) {
  CHECK(weights.size() == graph.weight_count());
  const auto& nodes = graph.nodes();
  const std::vector<int> readers = foldable_readers(graph);
  NormEpsilons epsilons;
  GraphSpec spec;
  spec.input = graph.spec().input;
  std::vector<std::string> renamed(nodes.size());  // where a node's readers find its output now
  std::vector<float> folded;
  renamed[0] = "input";
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const bool linear_map = node.op->name == "conv2d" || node.op->name == "linear";
    const int norm = linear_map ? readers[i] : -1;
    renamed[i] = node.name;
    if (node.op->name == "batch_norm") {
      const Node& source = nodes[static_cast<std::size_t>(node.inputs[0])];
      const bool folds = source.op != nullptr && (source.op->name == "conv2d" || source.op->name == "linear") &&
                         readers[static_cast<std::size_t>(node.inputs[0])] == static_cast<int>(i);
      if (!folds && others == OtherNorms::refuse) return fail(text::graph_fold, {{"node", node.name}});
      if (folds) {
        renamed[i] = source.name;
        continue;
      }
    }
    NodeSpec row{node.name, std::string(node.op->name), {}, node.attributes};
    for (int input : node.inputs) row.inputs.push_back(renamed[static_cast<std::size_t>(input)]);
    if (norm >= 0) {
      row.attributes.set("bias", 1LL);
      const double epsilon = nodes[static_cast<std::size_t>(norm)].attributes.real("epsilon", kUsualEpsilon).value();
      // As a file's float holds it.
      if (static_cast<float>(epsilon) != static_cast<float>(kUsualEpsilon)) epsilons.emplace(node.name, epsilon);
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
  return Folded{std::move(*built), std::move(folded), std::move(epsilons)};
}

}  // namespace weightroom::nn
