// binary: y = (-x, x), the logits of two classes that one number tells apart. Each by itself through a sigmoid they
// give 1 - p and p, whose sum is 1.
#include <strings/infer.h>
#include <strings/op.h>

#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, 2); !ok) return std::unexpected(ok.error());
  if (inputs[0][1] != 1) return fail(text::infer_binary, {{"shape", inputs[0].text()}});
  return Inference{.output = Shape{inputs[0].n(), 2}, .weights = {}};
}

// x: (N,1), y: (N,2)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for (std::size_t i = 0; i < args.inputs[0].size(); ++i) {
    args.output.data[2 * i] = -args.inputs[0].data[i];
    args.output.data[2 * i + 1] = args.inputs[0].data[i];
  }
}

// dx += dy_1 - dy_0
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  for (std::size_t i = 0; i < args.d_inputs[0].size(); ++i)
    args.d_inputs[0].data[i] += args.d_output.data[2 * i + 1] - args.d_output.data[2 * i];
}

}  // namespace

OpDef binary_op() {
  return {.name = "binary",
          .onnx_name = "Concat",  // of the number and its negative (onnx/export_ops.cpp)
          .summary = text::op_binary_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::share,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_binary_words},
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases binary_cases() {
  return {.good = {{{}, {Shape{1, 1}}}, {{}, {Shape{3, 1}}}},
          .bad = {{{}, {Shape{1, 2}}}, {{}, {Shape{1, 1, 1, 1}}}, {{{"axis", 1LL}}, {Shape{1, 1}}}, {{}, {}}}};
}

}  // namespace weightroom::nn
