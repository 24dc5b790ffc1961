// flatten: (N,C,H,W) read as (N,C*H*W); the values stay where they are.
#include <algorithm>

#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  return Inference{.output = Shape{inputs[0].n(), static_cast<int>(inputs[0].sample_size())}, .weights = {}};
}

// x: (N,...), y: (N,prod)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  if (args.inputs[0].data != args.output.data) std::copy_n(args.inputs[0].data, args.output.size(), args.output.data);
}

void backward(const BackwardArgs& args) {
  if (args.d_inputs[0]) kernels::accumulate(args.d_output.values(), args.d_inputs[0].values());
}

}  // namespace

OpDef flatten_op() {
  return {.name = "flatten",
          .onnx_name = "Flatten",
          .summary = text::op_flatten_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_flatten_words},
          .strings_inputs = [](const Attributes&, std::span<const Shape>) { return true; },
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases flatten_cases() {
  return {.good = {{{}, {Shape{1, 3, 5, 7}}}, {{}, {Shape{3, 4, 2, 2}}}, {{}, {Shape{3, 5}}}},
          .bad = {{{}, {Shape{3}}}, {{}, {Shape{1, 3, 0, 4}}}, {{{"axis", 1LL}}, {Shape{1, 3, 4, 4}}}, {{}, {}}}};
}

}  // namespace weightroom::nn
