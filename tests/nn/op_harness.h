#pragma once

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "base/rng.h"
#include "nn/op_cases.h"

// What the registry-wide tests hold of one op and one of its cases.
namespace weightroom::nn::testing {

template <class T>
using Values = std::vector<std::vector<T>>;  // one vector a tensor

// n distinct values from -reach to reach at equal steps, in random order: no two are equal and none
// is 0, so that a small step never crosses the kink of a piecewise op. Rounded to float, so that
// float and double kernels get the same ones.
inline std::vector<double> shuffled_grid(std::size_t n, double reach, base::Rng& rng) {
  std::vector<double> values(n);
  const double step = 2.0 * reach / static_cast<double>(n + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const double value = (static_cast<double>(i) + 0.8 - 0.5 * static_cast<double>(n)) * step;
    values[i] = static_cast<double>(static_cast<float>(value));
  }
  for (std::size_t i = n; i > 1; --i) std::swap(values[i - 1], values[rng.below(static_cast<std::uint32_t>(i))]);
  return values;
}

template <class T>
std::vector<T> cast_all(const std::vector<double>& values) {
  std::vector<T> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = static_cast<T>(values[i]);
  return result;
}

template <class T>
Values<T> cast_all(const Values<double>& values) {
  Values<T> result;
  for (const auto& one : values) result.push_back(cast_all<T>(one));
  return result;
}

// An op, its attributes and the values it is given.
struct Problem {
  const OpDef* op = nullptr;
  Attributes attributes;
  std::vector<Shape> shapes;  // of the inputs
  Inference inference;
  Values<double> inputs;
  Values<double> weights;
  bool training = false;

  Problem(const OpDef& definition, const OpCase& row, bool train)
      : op(&definition), attributes(row.attributes), shapes(row.inputs), training(train) {
    auto inferred = op->infer(attributes, shapes);
    if (!inferred)
      throw std::runtime_error(std::string(op->name) + " refused its own case: " + inferred.error().message());
    inference = *inferred;
    base::Rng rng(7, op->name);
    // Of different reach, so that two inputs never tie: min and max have a kink there.
    for (const Shape& shape : shapes)
      inputs.push_back(shuffled_grid(shape.size(), 2.0 + 0.03 * static_cast<double>(inputs.size()), rng));
    for (const WeightSpec& spec : inference.weights) {
      weights.push_back(shuffled_grid(spec.shape.size(), 1.0, rng));
      if (spec.role == "running_var") {
        for (double& value : weights.back()) value = 0.5 + std::abs(value);
      }
    }
  }
  // Coefficients of a linear functional of the output: the gradient that backward starts from.
  [[nodiscard]] std::vector<double> functional() const {
    base::Rng rng(8, op->name);
    return shuffled_grid(inference.output.size(), 1.0, rng);
  }
};

struct alignas(64) Line {
  std::byte bytes[64];
};

// Runs an op in width T, on as many threads as are set; output and workspace start as NaN.
template <class T>
struct OpRun {
  std::vector<TensorOf<const T>> inputs;
  std::vector<TensorOf<const T>> weights;
  std::vector<T> output;
  std::vector<Line> saved;
  std::vector<T> workspace;
  const Problem* problem;
  int threads = 1;

  OpRun(const Problem& p, const Values<T>& input_values, const Values<T>& weight_values)
      : output(p.inference.output.size(), std::numeric_limits<T>::quiet_NaN()),
        saved((p.inference.saved_bytes + 63) / 64),
        problem(&p) {
    set_threads(1);
    for (std::size_t i = 0; i < p.shapes.size(); ++i) inputs.push_back({p.shapes[i], input_values[i].data()});
    for (std::size_t i = 0; i < weight_values.size(); ++i)
      weights.push_back({p.inference.weights[i].shape, weight_values[i].data()});
  }
  void set_threads(int count) {
    threads = count;
    workspace.assign(problem->inference.workspace_floats * static_cast<std::size_t>(count),
                     std::numeric_limits<T>::quiet_NaN());
  }
  void forward(void (*kernel)(const ForwardArgsOf<T>&)) { kernel(forward_args()); }
  [[nodiscard]] ForwardArgsOf<T> forward_args() {
    return {problem->attributes,
            inputs,
            weights,
            {problem->inference.output, output.data()},
            {reinterpret_cast<std::byte*>(saved.data()), problem->inference.saved_bytes},
            workspace,
            problem->training,
            threads};
  }
};

// Gradient buffers for backward; wanted or not, tensor by tensor.
struct Gradients {
  Values<float> inputs;
  Values<float> weights;
  std::vector<bool> inputs_wanted;
  std::vector<bool> weights_wanted;

  explicit Gradients(const Problem& p, float fill = 0.0F) {
    for (const Shape& shape : p.shapes) inputs.emplace_back(shape.size(), fill);
    for (const WeightSpec& spec : p.inference.weights) {
      weights.emplace_back(spec.shape.size(), fill);
      weights_wanted.push_back(spec.trainable);  // a session asks for no others
    }
    inputs_wanted.assign(inputs.size(), true);
  }
};

// Calls backward(args) with room for what is wanted.
template <class Backward>
void run_backward_as(const Backward& backward, OpRun<float>& run, const std::vector<float>& d_output,
                     Gradients& gradients, bool fresh) {
  const Problem& p = *run.problem;
  std::vector<Tensor> d_inputs;
  std::vector<Tensor> d_weights;
  for (std::size_t i = 0; i < p.shapes.size(); ++i) {
    d_inputs.push_back({p.shapes[i], gradients.inputs_wanted[i] ? gradients.inputs[i].data() : nullptr});
  }
  for (std::size_t i = 0; i < gradients.weights.size(); ++i) {
    d_weights.push_back(
        {p.inference.weights[i].shape, gradients.weights_wanted[i] ? gradients.weights[i].data() : nullptr});
  }
  run.workspace.assign(run.workspace.size(), std::numeric_limits<float>::quiet_NaN());
  backward(BackwardArgs{p.attributes,
                        run.inputs,
                        run.weights,
                        {p.inference.output, run.output.data()},
                        {p.inference.output, d_output.data()},
                        d_inputs,
                        d_weights,
                        {reinterpret_cast<const std::byte*>(run.saved.data()), p.inference.saved_bytes},
                        run.workspace,
                        p.training,
                        run.threads,
                        fresh});
}

inline void run_backward(OpRun<float>& run, const std::vector<float>& d_output, Gradients& gradients,
                         bool fresh = false) {
  run_backward_as(run.problem->op->backward, run, d_output, gradients, fresh);
}

template <class T>
double largest(const std::vector<T>& values) {
  double most = 0.0;
  for (T value : values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

}  // namespace weightroom::nn::testing
