#include "onnx/builder.h"

#include <algorithm>
#include <utility>

#include <strings/graph.h>
#include <strings/onnx.h>

#include "nn/registry.h"

namespace weightroom::onnx {

std::vector<long long> Known::extents() const {
  std::vector<long long> all;
  for (int i = 0; i < rank(); ++i) all.push_back(shape[axis(i)]);
  return all;
}

std::string Builder::free_name(const std::string& wanted) {
  std::string name;
  for (const char ch : wanted.substr(0, 150)) {
    const bool fits = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
                      ch == '-' || ch == '.';
    if (fits) {
      name += ch;
    } else if (!name.empty() && name.back() != '.') {
      name += '.';  // "/features/0/Conv" reads best as "features.0.Conv"
    }
  }
  if (name.empty() || name == "input") name = "node";
  std::string free = name;
  // From the last number on: thousands of nodes may have no name of their own.
  for (int& i = used_[name]; places_.contains(free);) free = name + "_" + std::to_string(++i + 1);
  return free;
}

Result<Known> Builder::add(const std::string& name, const std::string& op, const std::vector<Known>& inputs,
                           nn::Attributes attributes, std::vector<std::vector<float>> weights) {
  const nn::OpDef* def = nn::find_op(op);
  CHECK(def != nullptr);
  if (rows_.size() >= nn::kMostNodes) return fail(text::graph_many_nodes, {{"n", nn::kMostNodes}});
  Row row{{free_name(name), op, {}, std::move(attributes)}, {}, std::move(weights)};
  std::vector<nn::Shape> shapes;
  for (const Known& input : inputs) {
    CHECK(!input.constant);
    row.spec.inputs.push_back(input.node);
    shapes.push_back(input.shape);
  }
  const auto inference = def->infer(row.spec.attributes, shapes);
  if (!inference) return std::unexpected(inference.error());
  bool fits = inference->weights.size() == row.weights.size();
  for (std::size_t i = 0; fits && i < row.weights.size(); ++i)
    fits = inference->weights[i].shape.size() == row.weights[i].size();
  if (!fits) return fail(text::onnx_weight_sizes);
  row.output = inference->output;
  row.of_picture_alone =
      std::ranges::all_of(inputs, [this](const Known& input) { return of_picture_alone(input.node); }) &&
      std::ranges::none_of(inference->weights, &nn::WeightSpec::trainable);
  Known known;
  known.node = row.spec.name;
  known.shape = row.output;
  places_.emplace(row.spec.name, rows_.size());
  rows_.push_back(std::move(row));
  return known;
}

bool Builder::of_picture_alone(const std::string& node) const {
  const auto place = places_.find(node);
  return place == places_.end() || rows_[place->second].of_picture_alone;
}

Known Builder::known_of(const std::string& node) const {
  Known known;
  known.node = node;
  const auto at = places_.find(node);
  known.shape = at != places_.end() ? rows_[at->second].output : nn::Shape{1, input_[0], input_[1], input_[2]};
  return known;
}

const nn::NodeSpec* Builder::spec_of(const std::string& node) const {
  const auto at = places_.find(node);
  return at == places_.end() ? nullptr : &rows_[at->second].spec;
}

Builder::Row* Builder::row_of(const std::string& node) {
  const auto at = places_.find(node);
  return at == places_.end() ? nullptr : &rows_[at->second];
}

std::vector<bool> Builder::wanted_rows(const Known& answer) const {
  std::vector<bool> wanted(rows_.size(), false);
  const auto mark = [&](const std::string& name) {
    if (const auto at = places_.find(name); at != places_.end()) wanted[at->second] = true;
  };
  mark(answer.node);
  for (std::size_t i = rows_.size(); i-- > 0;) {
    if (!wanted[i]) continue;
    for (const std::string& input : rows_[i].spec.inputs) mark(input);
  }
  return wanted;
}

// One number for each output of the layer, and along no other axis.
bool Builder::is_bias_of(const Row& layer, const Row& bias) const {
  if ((layer.spec.op != "linear" && layer.spec.op != "conv2d") || layer.weights.size() != 1) return false;
  if (bias.spec.op != "parameter" || bias.output.rank() != layer.output.rank()) return false;
  const int channels = layer.spec.op == "conv2d" ? 1 : layer.output.rank() - 1;
  for (int axis = 1; axis < layer.output.rank(); ++axis) {
    if (bias.output[axis] != (axis == channels ? layer.output[axis] : 1)) return false;
  }
  return true;
}

void Builder::merge_biases(Known& answer) {
  const std::vector<bool> wanted = wanted_rows(answer);
  std::vector<int> readers(rows_.size(), 0);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (const std::string& input : rows_[i].spec.inputs) {
      if (const auto at = places_.find(input); wanted[i] && at != places_.end()) ++readers[at->second];
    }
  }
  std::map<std::string, std::string> merged;  // an addition that is gone to the layer that does it
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    nn::NodeSpec& spec = rows_[i].spec;
    for (std::string& input : spec.inputs) {
      if (const auto at = merged.find(input); at != merged.end()) input = at->second;
    }
    for (std::size_t k = 0; wanted[i] && spec.op == "add" && k < 2; ++k) {
      Row* layer = row_of(spec.inputs[k]);
      Row* bias = row_of(spec.inputs[1 - k]);
      const auto alone = [&](const Row* row) {
        return row != nullptr && readers[static_cast<std::size_t>(row - rows_.data())] == 1;
      };
      if (!alone(layer) || !alone(bias) || layer->output != rows_[i].output || !is_bias_of(*layer, *bias)) continue;
      layer->spec.attributes.set("bias", 1LL);
      layer->weights.push_back(std::move(bias->weights[0]));
      readers[static_cast<std::size_t>(layer - rows_.data())] = readers[i];
      if (answer.node == spec.name) answer.node = layer->spec.name;
      merged.emplace(spec.name, layer->spec.name);
      break;
    }
  }
}

Result<nn::Folded> Builder::finish(Known answer) {
  merge_biases(answer);
  // Only what leads to the answer, in the order it was added.
  const std::vector<bool> wanted = wanted_rows(answer);
  nn::GraphSpec spec;
  spec.input = input_;
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (const auto& weight : rows_[i].weights) count += wanted[i] ? weight.size() : 0;
  }
  std::vector<float> flat;
  flat.reserve(count);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    // Each is let go before the next is added: the whole is never held twice.
    for (const auto& weight : std::exchange(rows_[i].weights, {})) {
      if (wanted[i]) flat.insert(flat.end(), weight.begin(), weight.end());
    }
    if (wanted[i]) spec.nodes.push_back(rows_[i].spec);
  }
  CHECK(!spec.nodes.empty() && spec.nodes.back().name == answer.node);
  auto graph = nn::Graph::build(spec);
  if (!graph) return std::unexpected(graph.error());
  if ((*graph)->weight_count() != flat.size()) return fail(text::onnx_weights_unfilled);
  return nn::Folded{*graph, std::move(flat), {}};
}

}  // namespace weightroom::onnx
