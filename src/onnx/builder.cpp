#include "onnx/builder.h"

#include <algorithm>
#include <utility>

#include <strings/onnx.h>

#include "nn/registry.h"

namespace weightroom::onnx {

std::vector<long long> Known::extents() const {
  std::vector<long long> all;
  for (int i = 0; i < shape.rank(); ++i) all.push_back(shape[axis(i)]);
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
  for (int i = 2; places_.contains(free); ++i) free = name + "_" + std::to_string(i);
  return free;
}

Result<Known> Builder::add(const std::string& name, const std::string& op, const std::vector<Known>& inputs,
                           nn::Attributes attributes, std::vector<std::vector<float>> weights) {
  const nn::OpDef* def = nn::find_op(op);
  CHECK(def != nullptr);
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
  Known known{.constant = {}, .node = row.spec.name, .shape = row.output, .batch_axis = 0};
  places_.emplace(row.spec.name, rows_.size());
  rows_.push_back(std::move(row));
  return known;
}

const Builder::Row* Builder::step(const std::string& node) const {
  const auto at = places_.find(node);
  return at == places_.end() ? nullptr : &rows_[at->second];
}

nn::Shape Builder::shape_of(const std::string& node) const {
  if (const Row* found = step(node)) return found->output;
  return {1, input_[0], input_[1], input_[2]};
}

std::string Builder::op_of(const std::string& node) const {
  const auto at = places_.find(node);
  return at == places_.end() ? std::string() : rows_[at->second].spec.op;
}

bool Builder::give_bias(const std::string& node, const std::vector<float>& bias) {
  const auto at = places_.find(node);
  if (at == places_.end()) return false;
  Row& row = rows_[at->second];
  const bool may = row.spec.op == "linear" || row.spec.op == "conv2d";
  if (!may || row.weights.size() != 1) return false;
  const int channels = row.spec.op == "conv2d" ? row.output.c() : row.output[row.output.rank() - 1];
  if (bias.size() != static_cast<std::size_t>(channels)) return false;
  row.spec.attributes.set("bias", 1LL);
  row.weights.push_back(bias);
  return true;
}

Result<nn::Folded> Builder::finish(const Known& answer) {
  // Only what leads to the answer, in the order it was added.
  std::vector<bool> wanted(rows_.size(), false);
  const auto mark = [&](const std::string& name) {
    if (const auto at = places_.find(name); at != places_.end()) wanted[at->second] = true;
  };
  mark(answer.node);
  for (std::size_t i = rows_.size(); i-- > 0;) {
    if (!wanted[i]) continue;
    for (const std::string& input : rows_[i].spec.inputs) mark(input);
  }
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
  return nn::Folded{*graph, std::move(flat)};
}

}  // namespace weightroom::onnx
