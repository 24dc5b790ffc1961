// parameter: a tensor of numbers that belong to the model and to no layer: what a scale for each channel or a learned
// position is multiplied with or added to. It reads nothing, and is the same for every sample.
#include <algorithm>

#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"shape", "fixed"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 0, 0, 0); !ok) return std::unexpected(ok.error());
  const auto extents = read_extents(attributes, "shape");
  if (!extents) return std::unexpected(extents.error());
  const auto fixed = read_flag(attributes, "fixed", false);
  if (!fixed) return std::unexpected(fixed.error());
  Inference result;
  result.output.push_back(1);  // the batch's place
  Shape value;
  for (const int extent : *extents) {
    result.output.push_back(extent);
    value.push_back(extent);
  }
  if (auto ok = check_size(value); !ok) return std::unexpected(ok.error());
  result.weights.push_back({.role = "value", .shape = value, .trainable = !*fixed});
  return result;
}

// value: (...), y: (1,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  std::copy_n(args.weights[0].data, args.output.size(), args.output.data);
}

void backward(const BackwardArgs& args) {
  if (args.d_weights[0]) kernels::accumulate(args.d_output.values(), args.d_weights[0].values());
}

}  // namespace

OpDef parameter_op() {
  return {.name = "parameter",
          .onnx_name = "Constant",
          .summary = text::op_parameter_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_parameter_words},
          .input_count = 0,
          .constant = true,
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases parameter_cases() {
  using List = std::vector<long long>;
  return {.good = {{{{"shape", List{4, 1, 1}}}, {}}, {{{"shape", List{3}}, {"fixed", 1LL}}, {}}},
          .bad = {{{}, {}},
                  {{{"shape", List{}}}, {}},
                  {{{"shape", List{3, 0}}}, {}},
                  {{{"shape", List{-1}}}, {}},
                  {{{"shape", List{1LL << 20, 1LL << 20}}}, {}},
                  {{{"shape", List{1, 1, 1, 1, 1, 1}}}, {}},
                  {{{"shape", List{3}}, {"fixed", 3LL}}, {}},
                  {{{"shape", List{3}}}, {Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
