// log_softmax along one axis (1, the channels, where it is not said): y_c = x_c - m - log(sum_k exp(x_k - m)), m the
// largest x, so that nothing overflows.
#include <algorithm>

#include <strings/op.h>

#include "base/math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axis"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  if (auto axis = read_axis(attributes, "axis", 1, inputs[0].rank()); !axis) return std::unexpected(axis.error());
  return Inference{.output = inputs[0], .weights = {}};
}

// Calls visit(first, step, count) for the values along the axis, place by place.
template <class Visit>
void for_rows(const Attributes& attributes, const Shape& shape, const Visit& visit) {
  const int axis = read_axis(attributes, "axis", 1, shape.rank()).value();
  const std::size_t outer = outer_size(shape, axis);
  const auto count = static_cast<std::size_t>(shape[axis]);
  const std::size_t step = shape.size() / outer / count;
  for (std::size_t i = 0; i < outer; ++i)
    for (std::size_t k = 0; k < step; ++k) visit(i * count * step + k, step, count);
}

// x, y: (N,...). The sum is kept in double, in order.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for_rows(args.attributes, args.output.shape, [&](std::size_t first, std::size_t step, std::size_t count) {
    const T* x = args.inputs[0].data + first;
    T* y = args.output.data + first;
    double largest = static_cast<double>(x[0]);
    for (std::size_t c = 1; c < count; ++c) largest = std::max(largest, static_cast<double>(x[c * step]));
    double sum = 0.0;
    for (std::size_t c = 0; c < count; ++c) sum += base::exp(static_cast<double>(x[c * step]) - largest);
    const double rest = largest + base::log(sum);
    for (std::size_t c = 0; c < count; ++c) y[c * step] = static_cast<T>(static_cast<double>(x[c * step]) - rest);
  });
}

// dx_c += dy_c - exp(y_c) sum_k dy_k
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  for_rows(args.attributes, args.d_output.shape, [&](std::size_t first, std::size_t step, std::size_t count) {
    const float* y = args.output.data + first;
    const float* dy = args.d_output.data + first;
    float* dx = args.d_inputs[0].data + first;
    double sum = 0.0;
    for (std::size_t c = 0; c < count; ++c) sum += static_cast<double>(dy[c * step]);
    for (std::size_t c = 0; c < count; ++c)
      dx[c * step] +=
          static_cast<float>(static_cast<double>(dy[c * step]) - base::exp(static_cast<double>(y[c * step])) * sum);
  });
}

}  // namespace

OpDef log_softmax_op() {
  return {.name = "log_softmax",
          .onnx_name = "LogSoftmax",
          .summary = text::op_log_softmax_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::none,
                     .multiplier = Multiplier::none,
                     .sees = sees_along_axis,
                     .words = text::op_log_softmax_words},
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases log_softmax_cases() {
  return {.good = {{{}, {Shape{3, 7}}}, {{}, {Shape{3, 5, 2, 3}}}, {{{"axis", -1LL}}, {Shape{2, 3, 4, 5}}}},
          .bad = {{{}, {Shape{3}}}, {{{"axis", 2LL}}, {Shape{1, 3}}}, {{}, {Shape{1, 3}, Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
