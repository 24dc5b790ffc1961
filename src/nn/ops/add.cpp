// add: y = a + b, value by value: where a shortcut meets the main road (He et al. 2016).
#include "nn/kernels/elementwise.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 2, 1, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  if (inputs[0] != inputs[1]) {
    return fail("Both inputs must have the same shape, but they are " + inputs[0].text() + " and " + inputs[1].text() +
                ".");
  }
  return Inference{.output = inputs[0], .weights = {}};
}

// a, b, y: any shape
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for (std::size_t i = 0; i < args.output.size(); ++i)
    args.output.data[i] = args.inputs[0].data[i] + args.inputs[1].data[i];
}

void forward(const ForwardArgs& args) {
  kernels::add(args.inputs[0].values(), args.inputs[1].values(), args.output.values());
}

void backward(const BackwardArgs& args) {
  for (const Tensor& d_input : args.d_inputs) {
    if (d_input) kernels::accumulate(args.d_output.values(), d_input.values());
  }
}

}  // namespace

OpDef add_op() {
  return {.name = "add",
          .onnx_name = "Add",
          .summary = "Adds two tensors of the same shape, value by value.",
          .input_count = 2,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = plain<float>,
          .plain_double = plain<double>,
          .cases = {{{}, {Shape{1, 3, 5, 7}, Shape{1, 3, 5, 7}}},
                    {{}, {Shape{3, 4, 4, 3}, Shape{3, 4, 4, 3}}},
                    {{}, {Shape{3, 5}, Shape{3, 5}}}},
          .bad_cases = {{{}, {Shape{1, 3, 4, 4}}},
                        {{}, {Shape{1, 3, 4, 4}, Shape{1, 3, 4, 5}}},
                        {{}, {Shape{1, 3, 4, 4}, Shape{1, 3, 16}}},
                        {{}, {Shape{1, 0}, Shape{1, 0}}},
                        {{{"axis", 1LL}}, {Shape{1, 3}, Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
