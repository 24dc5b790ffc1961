// concat: the inputs one after another along one axis (1: channels): how DenseNet and Inception join their branches. An
// input of one sample among inputs of more stands for each of them: the class token of a vision transformer.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axis"}); !ok) return std::unexpected(ok.error());
  if (inputs.empty()) return fail(text::infer_concat_none);
  if (auto ok = check_inputs(inputs, inputs.size(), 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto axis = read_axis(attributes, "axis", 1, inputs[0].rank());
  if (!axis) return std::unexpected(axis.error());
  Shape output = inputs[0];
  for (const Shape& input : inputs) output.set(0, std::max(output.n(), input.n()));
  long long extent = 0;
  for (const Shape& input : inputs) {
    Shape aligned = input;
    if (aligned.rank() == output.rank()) aligned.set(*axis, output[*axis]);
    if (aligned.n() == 1) aligned.set(0, output.n());
    if (aligned != output)
      return fail(text::infer_concat, {{"axis", *axis}, {"first", inputs[0].text()}, {"other", input.text()}});
    extent += input[*axis];
  }
  if (extent > (1 << 28)) return fail(text::infer_concat_large);
  output.set(*axis, static_cast<int>(extent));
  if (auto ok = check_size(output); !ok) return std::unexpected(ok.error());
  return Inference{.output = output, .weights = {}};
}

// Calls visit(input, from, to, length) for each stretch of an input that lies in one piece in the output too, sample by
// sample.
template <class Inputs, class Visit>
void for_pieces(const Attributes& attributes, const Inputs& inputs, const Shape& output, const Visit& visit) {
  const int axis = read_axis(attributes, "axis", 1, output.rank()).value();
  const std::size_t outer = outer_size(output, axis);
  const std::size_t row = output.size() / outer;
  std::size_t at = 0;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::size_t rows = outer_size(inputs[k].shape, axis);  // of one sample or of all
    const std::size_t length = inputs[k].shape.size() / rows;
    for (std::size_t i = 0; i < outer; ++i) visit(k, i % rows * length, i * row + at, length);
    at += length;
  }
}

// x_k: (N,...,E_k,...), y: (N,...,sum E_k,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for_pieces(args.attributes, args.inputs, args.output.shape,
             [&](std::size_t k, std::size_t from, std::size_t to, std::size_t length) {
               if (args.inputs[k].data + from == args.output.data + to) return;
               std::copy_n(args.inputs[k].data + from, length, args.output.data + to);
             });
}

bool strings_inputs(const Attributes& attributes, std::span<const Shape> inputs) {
  return outer_size(inputs[0], read_axis(attributes, "axis", 1, inputs[0].rank()).value()) == 1;
}

void backward(const BackwardArgs& args) {
  for_pieces(args.attributes, args.inputs, args.d_output.shape,
             [&](std::size_t k, std::size_t from, std::size_t to, std::size_t length) {
               if (!args.d_inputs[k]) return;
               float* d = args.d_inputs[k].data + from;
               const float* dy = args.d_output.data + to;
               for (std::size_t i = 0; i < length; ++i) d[i] += dy[i];
             });
}

}  // namespace

OpDef concat_op() {
  return {.name = "concat",
          .onnx_name = "Concat",
          .summary = text::op_concat_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_along_axis,
                     .words = text::op_concat_words},
          .input_count = OpDef::kAnyCount,
          .strings_inputs = strings_inputs,
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases concat_cases() {
  return {.good = {{{}, {Shape{3, 2, 3, 4}, Shape{3, 5, 3, 4}, Shape{3, 1, 3, 4}}},
                   {{}, {Shape{1, 3, 2, 2}}},
                   {{{"axis", 2LL}}, {Shape{2, 3, 1, 4}, Shape{2, 3, 4, 4}}},
                   {{{"axis", -1LL}}, {Shape{3, 2}, Shape{3, 4}}},
                   {{{"axis", 1LL}}, {Shape{1, 1, 5}, Shape{3, 4, 5}}},
                   {{{"axis", 2LL}}, {Shape{3, 2, 3}, Shape{1, 2, 2}, Shape{3, 2, 1}}}},
          .bad = {{{}, {}},
                  {{}, {Shape{1, 2, 3, 4}, Shape{1, 2, 3, 5}}},
                  {{}, {Shape{1, 2, 3, 4}, Shape{1, 2}}},
                  {{}, {Shape{2, 2, 3}, Shape{3, 2, 3}}},
                  {{{"axis", 0LL}}, {Shape{1, 2}, Shape{1, 2}}},
                  {{{"axis", 4LL}}, {Shape{1, 2, 3, 4}, Shape{1, 2, 3, 4}}},
                  {{{"axes", 1LL}}, {Shape{1, 2}, Shape{1, 2}}},
                  {{}, {Shape{1, 1 << 27, 1, 2}, Shape{1, 1 << 27, 1, 2}}}}};
}

}  // namespace weightroom::nn
