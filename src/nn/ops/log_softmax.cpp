// log_softmax along one axis (1, the channels, where it is not said): y_c = x_c - m - log(sum_k exp(x_k - m)), m the
// largest x, so that nothing overflows.
#include <algorithm>

#include <strings/op.h>

#include "base/math.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/exp.h"
#include "nn/ops/along_axis.h"
#include "nn/ops/reference.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axis"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  if (auto axis = read_axis(attributes, "axis", 1, inputs[0].rank()); !axis) return std::unexpected(axis.error());
  return Inference{.output = inputs[0], .weights = {}};
}

// x, y: (N,...). The sum is kept in double, in order.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const AlongAxis axis(args.attributes, args.output.shape);
  axis.for_places(axis.share({}), [&](std::size_t first) {
    const T* x = args.inputs[0].data + first;
    T* y = args.output.data + first;
    double largest = static_cast<double>(x[0]);
    for (std::size_t c = 1; c < axis.channels; ++c)
      largest = std::max(largest, static_cast<double>(x[c * axis.stride]));
    double sum = 0.0;
    for (std::size_t c = 0; c < axis.channels; ++c) sum += base::exp(static_cast<double>(x[c * axis.stride]) - largest);
    const double rest = largest + base::log(sum);
    for (std::size_t c = 0; c < axis.channels; ++c)
      y[c * axis.stride] = static_cast<T>(static_cast<double>(x[c * axis.stride]) - rest);
  });
}

void forward(const ForwardArgs& args) {
  const AlongAxis axis(args.attributes, args.output.shape);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  if (axis.in_rows()) {
    return axis.for_places(axis.share({}), [&](std::size_t first) {
      const std::span<float> row(y + first, axis.channels);
      const std::span<const float> from(x + first, axis.channels);
      const float largest = kernels::maximum(from);
      kernels::exp(from, largest, row);
      const auto rest = static_cast<float>(base::log(static_cast<double>(kernels::long_sum(row))));
      kernels::map_lanes(row.size(), from.data(), row.data(),
                         [=](auto v) { return (v - decltype(v)(largest)) - decltype(v)(rest); });
    });
  }
  axis.for_lanes(axis.share({}), [&](auto d, std::size_t first) {
    using L = kernels::Lanes<decltype(d)>;
    const auto at = [&](std::size_t c) { return L(kernels::hn::LoadU(d, x + first + c * axis.stride)); };
    L largest = at(0);
    for (std::size_t c = 1; c < axis.channels; ++c) largest = kernels::where(at(c) > largest, at(c), largest);
    LongSum<decltype(d)> sum;
    for (std::size_t c = 0; c < axis.channels; ++c) sum.add(kernels::exp(at(c) - largest));
    const L rest = kernels::log(sum.total());
    for (std::size_t c = 0; c < axis.channels; ++c)
      kernels::hn::StoreU(((at(c) - largest) - rest).v, d, y + first + c * axis.stride);
  });
}

// dx_c += dy_c - exp(y_c) sum_k dy_k
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const AlongAxis axis(args.attributes, args.d_output.shape);
  const float* y = args.output.data;
  const float* dy = args.d_output.data;
  float* dx = args.d_inputs[0].data;
  if (axis.in_rows()) {
    return axis.for_places(axis.share({}), [&](std::size_t first) {
      const float sum = kernels::long_sum({dy + first, axis.channels});
      kernels::each_lanes(axis.channels, [&](auto d, std::size_t i) {
        const auto at = [&](const float* of) {
          return kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, of + first + i));
        };
        const auto along = at(dx) + (at(dy) - kernels::exp(at(y)) * kernels::Lanes<decltype(d)>(sum));
        kernels::hn::StoreU(along.v, d, dx + first + i);
      });
    });
  }
  axis.for_lanes(axis.share({}), [&](auto d, std::size_t first) {
    using L = kernels::Lanes<decltype(d)>;
    const auto at = [&](const float* of, std::size_t c) {
      return L(kernels::hn::LoadU(d, of + first + c * axis.stride));
    };
    LongSum<decltype(d)> sum;
    for (std::size_t c = 0; c < axis.channels; ++c) sum.add(at(dy, c));
    const L total = sum.total();
    for (std::size_t c = 0; c < axis.channels; ++c) {
      const L along = at(dx, c) + (at(dy, c) - kernels::exp(at(y, c)) * total);
      kernels::hn::StoreU(along.v, d, dx + first + c * axis.stride);
    }
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
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases log_softmax_cases() {
  return {.good = {{{}, {Shape{3, 7}}}, {{}, {Shape{3, 5, 2, 3}}}, {{{"axis", -1LL}}, {Shape{2, 3, 4, 5}}}},
          .bad = {{{}, {Shape{3}}}, {{{"axis", 2LL}}, {Shape{1, 3}}}, {{}, {Shape{1, 3}, Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
