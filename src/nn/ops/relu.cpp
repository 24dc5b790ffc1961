// relu: y = max(x, 0) (Nair and Hinton 2010), with derivative 0 at 0.
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 1, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  return Inference{.output = inputs[0], .weights = {}};
}

// x, y: any shape. A NaN stays one, so that a diverged model shows it.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const T* x = args.inputs[0].data;
  T* y = args.output.data;
  for (std::size_t i = 0; i < args.output.size(); ++i) y[i] = x[i] < T{0} ? T{0} : x[i];
}

void forward(const ForwardArgs& args) { kernels::relu(args.inputs[0].values(), args.output.values()); }

// dx += dy where x > 0
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  (args.fresh ? kernels::relu_backward_fresh : kernels::relu_backward)(args.inputs[0].values(), args.d_output.values(),
                                                                       args.d_inputs[0].values());
}

// Whether each one is on.
void pieces(ConstTensor input, ConstTensor output, std::span<std::uint8_t> pieces) {
  for (std::size_t i = 0; i < output.size(); ++i) pieces[i] = input.data[i] > 0.0F ? 1 : 0;
}

}  // namespace

OpDef relu_op() {
  return {.name = "relu",
          .onnx_name = "Relu",
          .summary = text::op_relu_summary,
          .traits = {.form = Form::kinked,
                     .relevance = Relevance::keep,
                     .multiplier = Multiplier::rescale,
                     .sees = sees_same_places,
                     .words = text::op_relu_words,
                     .formula = "max(0, {x})",
                     .rectifier = true,
                     .pieces = pieces,
                     .homogeneous = true},
          .pointwise = true,
          .planewise = true,
          .writes_fresh = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>),
          .piecewise = true};
}

OpCases relu_cases() {
  return {
      .good = {{{}, {Shape{1, 3, 5, 7}}}, {{}, {Shape{3, 2, 4, 4}}}, {{}, {Shape{3, 13}}}, {{}, {Shape{1, 1, 1, 1}}}},
      .bad = {{{}, {}},
              {{}, {Shape{1, 3}, Shape{1, 3}}},
              {{}, {Shape{1, 0, 4, 4}}},
              {{}, {Shape{1, 3, -4, 4}}},
              {{{"slope", 0.1}}, {Shape{1, 3, 4, 4}}},
              {{}, {Shape{1, 1 << 10, 1 << 10, 1 << 10}}}}};
}

}  // namespace weightroom::nn
