#include "nn/graph.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <strings/graph.h>

#include "base/hash.h"
#include "base/math.h"
#include "base/rng.h"
#include "nn/registry.h"

namespace weightroom::nn {
namespace {

constexpr std::size_t kMaxTensor = std::size_t{1} << 28;  // floats
constexpr std::size_t kMaxName = 200;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-' ||
           ch == '.';
  });
}

std::string quoted(std::string_view name) { return "'" + std::string(name.substr(0, kMaxName)) + "'"; }

Status check_input(const Shape& input) {
  if (input.rank() != 3) return fail(text::graph_input_rank);
  double size = 1.0;
  for (int extent : input.extents()) {
    if (extent <= 0) return fail(text::graph_input_extent, {{"shape", input.text()}});
    size *= extent;
  }
  if (size > static_cast<double>(kMaxTensor)) return fail(text::graph_input_large, {{"shape", input.text()}});
  return {};
}

Result<std::vector<int>> resolve_inputs(const NodeSpec& spec, const OpDef& op,
                                        const std::map<std::string, int>& known) {
  if (op.input_count == OpDef::kAnyCount) {
    if (spec.inputs.empty()) return fail(text::graph_no_inputs, {{"node", quoted(spec.name)}, {"op", spec.op}});
  } else if (static_cast<int>(spec.inputs.size()) != op.input_count) {
    return fail(text::graph_input_count,
                {{"node", quoted(spec.name)}, {"op", spec.op}, {"n", op.input_count}, {"given", spec.inputs.size()}});
  }
  std::vector<int> inputs;
  for (const std::string& name : spec.inputs) {
    const auto it = known.find(name);
    if (it == known.end()) {
      return fail(text::graph_unknown_input, {{"node", quoted(spec.name)}, {"input", quoted(name)}});
    }
    inputs.push_back(it->second);
  }
  return inputs;
}

}  // namespace

Result<std::shared_ptr<const Graph>> Graph::build(const GraphSpec& spec) {
  if (auto ok = check_input(spec.input); !ok) return std::unexpected(ok.error());
  if (spec.nodes.empty()) return fail(text::graph_empty);
  if (spec.nodes.size() > kMostNodes) return fail(text::graph_many_nodes, {{"n", kMostNodes}});

  auto graph = std::make_shared<Graph>();
  graph->spec_ = spec;
  Node input;
  input.name = "input";
  input.output = Shape{1, spec.input[0], spec.input[1], spec.input[2]};
  graph->nodes_.push_back(std::move(input));
  std::map<std::string, int> known{{"input", 0}};

  for (const NodeSpec& row : spec.nodes) {
    if (!is_name(row.name)) {
      return fail(text::graph_node_name, {{"name", quoted(row.name)}, {"most", kMaxName}});
    }
    if (known.contains(row.name)) return fail(text::graph_same_name, {{"name", quoted(row.name)}});
    const OpDef* op = find_op(row.op);
    if (op == nullptr) return fail(text::graph_unknown_op, {{"node", quoted(row.name)}, {"op", quoted(row.op)}});
    auto inputs = resolve_inputs(row, *op, known);
    if (!inputs) return std::unexpected(inputs.error());

    Node node{row.name, op, row.attributes, std::move(*inputs), {}, {}, 0.0};
    std::vector<Shape> shapes;
    for (int source : node.inputs) shapes.push_back(graph->nodes_[static_cast<std::size_t>(source)].output);
    auto inference = op->infer(node.attributes, shapes);
    if (!inference)
      return fail(text::graph_misfit, {{"node", quoted(row.name)}, {"op", row.op}, {"why", inference.error()}});
    node.output = inference->output;
    node.multiply_adds = inference->multiply_adds;
    graph->multiply_adds_ += node.multiply_adds;
    const int index = static_cast<int>(graph->nodes_.size());
    for (const WeightSpec& weight : inference->weights) {
      node.weights.push_back(static_cast<int>(graph->weights_.size()));
      graph->weights_.push_back({row.name + "." + std::string(weight.role), index, weight.shape, graph->weight_count_,
                                 weight.init, weight.trainable, weight.decays});
      graph->weight_count_ += weight.shape.size();
    }
    if (graph->weight_count_ > kMaxTensor) return fail(text::graph_many_weights);
    known.emplace(row.name, index);
    graph->nodes_.push_back(std::move(node));
  }
  const Node& last = graph->nodes_.back();
  graph->logits_ = last.op->traits.answer ? last.inputs[0] : static_cast<int>(graph->nodes_.size()) - 1;
  graph->answer_ = last.op->traits.answer.value_or(Answer::softmax);
  return std::shared_ptr<const Graph>(std::move(graph));
}

int Graph::class_count() const {
  return static_cast<int>(nodes_[static_cast<std::size_t>(logits_)].output.sample_size());
}

int Graph::find_node(std::string_view name) const {
  const auto it = std::ranges::find(nodes_, name, &Node::name);
  return it == nodes_.end() ? -1 : static_cast<int>(it - nodes_.begin());
}

int Graph::find_weight(std::string_view name) const {
  const auto it = std::ranges::find(weights_, name, &GraphWeight::name);
  return it == weights_.end() ? -1 : static_cast<int>(it - weights_.begin());
}

Shape Graph::output_shape(int node, int n) const {
  const Node& row = nodes_[static_cast<std::size_t>(node)];
  Shape shape = row.output;
  if (row.op == nullptr || !row.op->constant) shape.set(0, n);
  return shape;
}

std::vector<Shape> Graph::input_shapes(int node, int n) const {
  std::vector<Shape> shapes;
  for (int source : nodes_[static_cast<std::size_t>(node)].inputs) {
    shapes.push_back(output_shape(source, n));
  }
  return shapes;
}

std::string fingerprint(const Graph& graph, std::span<const float> weights) {
  CHECK(weights.size() == graph.weight_count());
  base::Sha256 hash = begin_fingerprint(graph);
  hash.update(weights);
  return hash.finish_hex();
}

base::Sha256 begin_fingerprint(const Graph& graph) {
  base::Sha256 hash;
  hash.update(graph.canonical_json());
  return hash;
}

std::vector<float> initial_tensor(const Graph& graph, int tensor, std::uint64_t seed) {
  const GraphWeight& weight = graph.weights()[static_cast<std::size_t>(tensor)];
  std::vector<float> values(weight.shape.size(), weight.init == Init::ones ? 1.0F : 0.0F);
  if (weight.init != Init::he_normal) return values;
  const double fan_in = static_cast<double>(values.size()) / static_cast<double>(weight.shape[0]);
  const double deviation = std::sqrt(2.0 / fan_in);
  base::Rng rng(seed, "init " + weight.name);
  for (float& value : values) value = static_cast<float>(deviation * rng.normal());
  return values;
}

std::vector<float> initial_weights(const Graph& graph, std::uint64_t seed) {
  std::vector<float> values;
  values.reserve(graph.weight_count());
  for (std::size_t t = 0; t < graph.weights().size(); ++t) {
    CHECK(graph.weights()[t].offset == values.size());
    const std::vector<float> tensor = initial_tensor(graph, static_cast<int>(t), seed);
    values.insert(values.end(), tensor.begin(), tensor.end());
  }
  return values;
}

}  // namespace weightroom::nn
