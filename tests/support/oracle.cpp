#include "support/oracle.h"

#include <algorithm>
#include <cmath>

namespace weightroom::test {
namespace {

constexpr double kStep = 1e-6;

// Derivative from values a step before, at and a step after; nothing where the two sides disagree.
std::optional<double> central(double before, double at, double after) {
  const double left = (at - before) / kStep;
  const double right = (after - at) / kStep;
  if (std::fabs(left - right) > 1e-4 * std::max(1e-3, std::fabs(left))) return std::nullopt;
  return (after - before) / (2.0 * kStep);
}

}  // namespace

Oracle::Oracle(const nn::Graph& graph, std::span<const float> flat)
    : weights(widen(flat)), graph_(graph), activations_(graph.nodes().size()) {}

void Oracle::forward(std::span<const double> input) { replace(0, input); }

void Oracle::replace(int node, std::span<const double> values) {
  activations_[static_cast<std::size_t>(node)].assign(values.begin(), values.end());
  for (std::size_t i = static_cast<std::size_t>(node) + 1; i < activations_.size(); ++i) run(static_cast<int>(i));
}

void Oracle::run(int index) {
  const nn::Node& node = graph_.nodes()[static_cast<std::size_t>(index)];
  const std::vector<nn::Shape> shapes = graph_.input_shapes(index, 1);
  std::vector<nn::TensorOf<const double>> inputs;
  for (std::size_t k = 0; k < shapes.size(); ++k) inputs.push_back({shapes[k], activation(node.inputs[k]).data()});
  std::vector<nn::TensorOf<const double>> operands;
  for (int id : node.weights) {
    const nn::GraphWeight& weight = graph_.weights()[static_cast<std::size_t>(id)];
    operands.push_back({weight.shape, weights.data() + weight.offset});
  }
  std::vector<double>& output = activations_[static_cast<std::size_t>(index)];
  output.resize(node.output.size());
  workspace_.resize(node.op->infer(node.attributes, shapes)->workspace_floats);
  node.op->plain_double({node.attributes, inputs, operands, {node.output, output.data()}, {}, workspace_, false});
}

std::optional<double> Oracle::d_activation(std::span<const double> input, int node, std::size_t index, int target) {
  forward(input);
  const auto t = static_cast<std::size_t>(target);
  const double at = logits()[t];
  std::vector<double> values = activation(node);
  const double value = values[index];
  const auto logit_with = [&](double moved) {
    values[index] = moved;
    replace(node, values);
    return logits()[t];
  };
  const double before = logit_with(value - kStep);
  return central(before, at, logit_with(value + kStep));
}

std::optional<double> Oracle::d_weight(std::span<const double> input, std::size_t index, int target) {
  const double value = weights[index];
  const auto logit_with = [&](double moved) {
    weights[index] = moved;
    forward(input);
    return logits()[static_cast<std::size_t>(target)];
  };
  const double before = logit_with(value - kStep);
  const double after = logit_with(value + kStep);
  return central(before, logit_with(value), after);
}

std::vector<double> widen(std::span<const float> values) { return {values.begin(), values.end()}; }

Difference difference(std::span<const float> a, std::span<const std::optional<double>> b) {
  Difference result;
  double largest = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!b[i]) {
      ++result.missing;
      continue;
    }
    largest = std::max(largest, std::fabs(*b[i]));
    result.relative = std::max(result.relative, std::fabs(static_cast<double>(a[i]) - *b[i]));
  }
  result.relative /= std::max(largest, 1e-12);
  return result;
}

}  // namespace weightroom::test
