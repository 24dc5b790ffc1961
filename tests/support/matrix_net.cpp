#include "support/matrix_net.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "base/check.h"
#include "nn/op.h"

namespace weightroom::test {
namespace {

using Values = MatrixNet::Values;

bool is_affine(const nn::Node& node) {
  static const std::set<std::string_view> kAffine{"conv2d",   "linear",          "batch_norm",
                                                  "avg_pool", "global_avg_pool", "flatten"};
  return node.op != nullptr && kAffine.contains(node.op->name);
}

// One node's formula in double, as plain loops.
Values run_plain(const nn::Graph& graph, int index, const std::vector<const Values*>& inputs,
                 std::span<const double> weights) {
  const nn::Node& node = graph.nodes()[static_cast<std::size_t>(index)];
  const std::vector<nn::Shape> shapes = graph.input_shapes(index, 1);
  std::vector<nn::TensorOf<const double>> in;
  for (std::size_t k = 0; k < inputs.size(); ++k) in.push_back({shapes[k], inputs[k]->data()});
  std::vector<nn::TensorOf<const double>> with;
  for (int id : node.weights) {
    const nn::GraphWeight& weight = graph.weights()[static_cast<std::size_t>(id)];
    with.push_back({weight.shape, weights.data() + weight.offset});
  }
  const auto inference = node.op->infer(node.attributes, shapes);
  CHECK(inference.has_value());
  Values out(graph.output_shape(index, 1).size());
  std::vector<double> workspace(inference->workspace_floats);
  std::vector<std::byte> saved(inference->saved_bytes);
  node.op->plain_double({.attributes = node.attributes,
                         .inputs = in,
                         .weights = with,
                         .output = {graph.output_shape(index, 1), out.data()},
                         .saved = saved,
                         .workspace = workspace});
  return out;
}

}  // namespace

MatrixNet::MatrixNet(const nn::Graph& graph, std::span<const float> weights)
    : graph_(graph), weights_(weights.begin(), weights.end()), affine_(graph.nodes().size()) {
  for (std::size_t n = 1; n < graph.nodes().size(); ++n) {
    const nn::Node& node = graph.nodes()[n];
    if (!is_affine(node)) continue;
    const int index = static_cast<int>(n);
    Affine& m = affine_[n];
    m.inputs = graph.input_shapes(index, 1)[0].size();
    m.outputs = graph.output_shape(index, 1).size();
    Values x(m.inputs, 0.0);
    m.bias = run_plain(graph, index, {&x}, weights_);
    m.matrix.resize(m.outputs * m.inputs);
    for (std::size_t i = 0; i < m.inputs; ++i) {
      x[i] = 1.0;
      const Values column = run_plain(graph, index, {&x}, weights_);
      x[i] = 0.0;
      for (std::size_t o = 0; o < m.outputs; ++o) m.matrix[o * m.inputs + i] = column[o] - m.bias[o];
    }
  }
}

Values MatrixNet::run(int index, const std::vector<Values>& values) const {
  const nn::Node& node = graph_.nodes()[static_cast<std::size_t>(index)];
  std::vector<const Values*> inputs;
  for (int source : node.inputs) inputs.push_back(&values[static_cast<std::size_t>(source)]);
  return run_plain(graph_, index, inputs, weights_);
}

std::vector<Values> MatrixNet::forward(const Values& input) const {
  std::vector<Values> values{input};
  for (std::size_t n = 1; n < graph_.nodes().size(); ++n) values.push_back(run(static_cast<int>(n), values));
  return values;
}

double MatrixNet::logit(const Values& input, int target) const {
  return forward(input)[static_cast<std::size_t>(graph_.logits())][static_cast<std::size_t>(target)];
}

const Affine* MatrixNet::affine(int node) const {
  const Affine& m = affine_[static_cast<std::size_t>(node)];
  return m.outputs == 0 ? nullptr : &m;
}

std::vector<std::vector<std::size_t>> MatrixNet::windows(int index) const {
  const nn::Shape in = graph_.input_shapes(index, 1)[0];
  const nn::Shape out = graph_.output_shape(index, 1);
  const auto& attributes = graph_.nodes()[static_cast<std::size_t>(index)].attributes;
  const int kernel = attributes.integer("kernel", 1).value();
  const int stride = attributes.integer("stride", kernel).value();
  std::vector<std::vector<std::size_t>> all;
  for (int c = 0; c < out.c(); ++c) {
    for (int y = 0; y < out.h(); ++y) {
      for (int x = 0; x < out.w(); ++x) {
        all.emplace_back();
        for (int row = y * stride; row < std::min(y * stride + kernel, in.h()); ++row) {
          for (int column = x * stride; column < std::min(x * stride + kernel, in.w()); ++column)
            all.back().push_back(static_cast<std::size_t>((c * in.h() + row) * in.w() + column));
        }
      }
    }
  }
  return all;
}

std::vector<std::size_t> MatrixNet::winners(int index, const Values& input) const {
  std::vector<std::size_t> won;
  for (const auto& window : windows(index))
    won.push_back(*std::ranges::max_element(window, {}, [&](std::size_t at) { return input[at]; }));
  return won;
}

std::vector<std::size_t> MatrixNet::tied(int index, const Values& input, std::size_t i, double tolerance) const {
  std::vector<std::size_t> all = windows(index)[i];
  double most = input[all[0]];
  for (std::size_t at : all) most = std::max(most, input[at]);
  std::erase_if(all, [&](std::size_t at) { return input[at] < most - tolerance * std::max(1.0, std::fabs(most)); });
  return all;
}

std::vector<Values> MatrixNet::calculus(const Step& step) const {
  const Values& x = step.values[static_cast<std::size_t>(step.of.inputs[0])];
  const std::string_view op = step.of.op->name;
  if (const Affine* m = affine(step.node)) return {transposed_times(*m, step.got)};
  if (op == "add") return {step.got, step.got};
  Values out(x.size(), 0.0);
  if (op == "relu") {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] > 0.0 ? step.got[i] : 0.0;
    return {out};
  }
  if (op == "max_pool") {
    const auto won = winners(step.node, x);
    for (std::size_t i = 0; i < won.size(); ++i) out[won[i]] += step.got[i];
    return {out};
  }
  if (op == "softmax") {
    const Values& y = step.values[static_cast<std::size_t>(step.node)];
    double dot = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) dot += y[i] * step.got[i];
    for (std::size_t i = 0; i < y.size(); ++i) out[i] = y[i] * (step.got[i] - dot);
    return {out};
  }
  CHECK(false);
  return {};
}

Values MatrixNet::backward(const std::vector<Values>& values, int target, double seed, const Rule& rule) const {
  std::vector<Values> got(values.size());
  for (std::size_t n = 0; n < values.size(); ++n) got[n].assign(values[n].size(), 0.0);
  got[static_cast<std::size_t>(graph_.logits())][static_cast<std::size_t>(target)] = seed;
  for (std::size_t n = values.size(); n-- > 1;) {
    const nn::Node& node = graph_.nodes()[n];
    const std::vector<Values> parts = rule({static_cast<int>(n), node, values, got[n]});
    for (std::size_t k = 0; k < parts.size(); ++k) {
      Values& to = got[static_cast<std::size_t>(node.inputs[k])];
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += parts[k][i];
    }
  }
  return got[0];
}

Values MatrixNet::gradient(const Values& input, int target) const {
  return backward(forward(input), target, 1.0, [this](const Step& step) { return calculus(step); });
}

std::vector<double> transposed_times(const Affine& m, std::span<const double> r) {
  std::vector<double> out(m.inputs, 0.0);
  for (std::size_t o = 0; o < m.outputs; ++o) {
    for (std::size_t i = 0; i < m.inputs; ++i) out[i] += m.at(o, i) * r[o];
  }
  return out;
}

}  // namespace weightroom::test
