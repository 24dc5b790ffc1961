#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/attributes.h"
#include "nn/cut.h"
#include "nn/shape.h"
#include "nn/tensor.h"
#include "nn/traits.h"

namespace weightroom::nn {

// How a trainer fills a weight before its first step.
enum class Init { zeros, ones, he_normal /* variance 2 / fan_in (He et al. 2015), fan_in = size / extent 0 */ };

// One weight tensor that a node owns; its full name is "node.role" ("conv1.weight").
struct WeightSpec {
  std::string_view role;  // "weight", "bias", "running_mean", ...
  Shape shape;
  Init init = Init::zeros;
  bool trainable = true;
  bool decays = false;  // whether weight decay applies (kernels yes; biases and batch-norm scales no)
};

// What an op says of itself for given attributes and input shapes.
struct Inference {
  Shape output;
  std::vector<WeightSpec> weights;
  std::size_t saved_bytes = 0;  // kept from forward to backward (argmax of a pool, batch statistics)
  // Scratch of one forward or backward call for each thread that works on it, contents undefined before and after (of
  // calls that share one pass: before the first and after the last).
  std::size_t workspace_floats = 0;
  double multiply_adds = 0.0;  // of one forward over this batch
};

template <class T>
struct ForwardArgsOf {
  const Attributes& attributes;
  std::span<const TensorOf<const T>> inputs;
  std::span<const TensorOf<const T>> weights;  // in the order of Inference::weights
  TensorOf<T> output;                          // contents undefined before
  std::span<std::byte> saved;                  // Inference::saved_bytes, 64-byte aligned
  std::span<T> workspace;                      // `threads` parts of the same size
  bool training = false;                       // batch_norm: statistics of this batch instead of the running ones
  int threads = 1;                             // that may work on it; they change no bit
  Cut cut{};                                   // the share of the work to be done (OpDef::cuts)
};
using ForwardArgs = ForwardArgsOf<float>;

struct BackwardArgs {
  const Attributes& attributes;
  std::span<const ConstTensor> inputs;
  std::span<const ConstTensor> weights;
  ConstTensor output;
  ConstTensor d_output;
  std::span<const Tensor> d_inputs;   // accumulated (+=); data == nullptr where not wanted
  std::span<const Tensor> d_weights;  // accumulated (+=); data == nullptr where not wanted
  std::span<const std::byte> saved;
  std::span<float> workspace;
  bool training = false;
  int threads = 1;
  bool fresh = false;  // d_inputs[0] holds nothing yet: to be written, not added to (OpDef::writes_fresh)
  Cut cut{};           // the share of the work to be done (OpDef::cuts)
};

// Two points of a network, the picture and a baseline.
struct MultiplierArgs {
  const BackwardArgs& at;               // the picture; d_output: the output's multipliers, d_inputs: accumulated
  std::span<const ConstTensor> inputs;  // at the baseline
};
inline constexpr float kStill = 1e-6F;  // a value that changes by less has its slope for a multiplier

// Everything the program knows of an op. One file in nn/ops returns it, one line in nn/ops.inc lists it; the file also
// gives the cases that the tests run it on (op_cases.h).
struct OpDef {
  std::string_view name;       // as in the graph's JSON: "conv2d"
  std::string_view onnx_name;  // "Conv": written with the same inputs, unless onnx/export_ops.cpp knows better
  Text summary;                // traits.words in a sentence for a student; {from}: the layer before
  Traits traits{};
  static constexpr int kAnyCount = -1;
  int input_count = 1;     // or kAnyCount
  bool pointwise = false;  // every place of the output is made of the same place of the inputs alone
  // Every plane (H,W) of the output, and of what is saved, is made of the same plane of the input alone, or of the same
  // planes of inputs of one shape: a session may hand the planes to several threads.
  bool planewise = false;
  // backward knows BackwardArgs::fresh, which spares the gradient its zeros and one reading.
  bool writes_fresh = false;
  // forward and backward know their arguments' `cut`; all others are always given the whole.
  bool cuts = false;
  bool constant = false;  // reads nothing: its output is one sample, whatever the batch

  // Whether the output is nothing but the inputs' values, one input after another: a session then lets the inputs
  // live there from the start, and forward has nothing to copy where an input's data is its place already.
  bool (*strings_inputs)(const Attributes& attributes, std::span<const Shape> inputs) = nullptr;

  Result<Inference> (*infer)(const Attributes& attributes, std::span<const Shape> inputs) = nullptr;
  void (*forward)(const ForwardArgs& args) = nullptr;
  void (*backward)(const BackwardArgs& args) = nullptr;
  // Of Multiplier::own: for every input, d_input += sum of d_output times multiplier, so that over all inputs and
  // values multiplier times change adds up to d_output times the output's change.
  void (*multipliers)(const MultiplierArgs& args) = nullptr;

  // The formula as plain loops, in both widths: what fast kernels are compared with (float), and the oracle of the
  // finite differences (double). Null where the program was built without.
  void (*plain)(const ForwardArgsOf<float>& args) = nullptr;
  void (*plain_double)(const ForwardArgsOf<double>& args) = nullptr;

  // Whether it has kinks. Smooth ops are checked at any point; the others (relu, max_pool) at points away from their
  // kinks.
  bool piecewise = false;
};

// A weighted sum under a window that slides over maps.
[[nodiscard]] inline bool is_convolution(const OpDef* op) {
  return op != nullptr && op->traits.weighted_sum && op->traits.window != nullptr;
}
[[nodiscard]] inline bool is_weighted_sum(const OpDef* op) { return op != nullptr && op->traits.weighted_sum; }

}  // namespace weightroom::nn
