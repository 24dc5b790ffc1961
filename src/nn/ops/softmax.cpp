// softmax along one axis (1, the channels, where it is not said): y_c = exp(x_c - m) / sum_k exp(x_k - m), m the
// largest x, so that nothing overflows.
#include <algorithm>
#include <cmath>

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

// x, y: (N,C) or (N,C,H,W). The sum is kept in double, in channel order.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const AlongAxis axis(args.attributes, args.output.shape);
  axis.for_places(axis.share(args.cut), [&](std::size_t first) {
    const T* x = args.inputs[0].data + first;
    T* y = args.output.data + first;
    double largest = static_cast<double>(x[0]);
    for (std::size_t c = 1; c < axis.channels; ++c)
      largest = std::max(largest, static_cast<double>(x[c * axis.stride]));
    double sum = 0.0;
    for (std::size_t c = 0; c < axis.channels; ++c) {
      const double power = base::exp(static_cast<double>(x[c * axis.stride]) - largest);
      y[c * axis.stride] = static_cast<T>(power);
      sum += power;
    }
    for (std::size_t c = 0; c < axis.channels; ++c)
      y[c * axis.stride] = static_cast<T>(static_cast<double>(y[c * axis.stride]) / sum);
  });
}

void forward(const ForwardArgs& args) {
  const AlongAxis axis(args.attributes, args.output.shape);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  const kernels::Range some = axis.share(args.cut);
  if (axis.in_rows()) {
    return axis.for_places(some, [&](std::size_t first) {
      const std::span<float> row(y + first, axis.channels);
      const std::span<const float> from(x + first, axis.channels);
      kernels::exp(from, kernels::maximum(from), row);
      const float sum = kernels::long_sum(row);
      kernels::map_lanes(row.size(), row.data(), row.data(), [sum](auto v) { return v / decltype(v)(sum); });
    });
  }
  axis.for_lanes(some, [&](auto d, std::size_t first) {
    using L = kernels::Lanes<decltype(d)>;
    const auto at = [&](const float* of, std::size_t c) {
      return L(kernels::hn::LoadU(d, of + first + c * axis.stride));
    };
    const auto put = [&](L v, std::size_t c) { kernels::hn::StoreU(v.v, d, y + first + c * axis.stride); };
    L largest = at(x, 0);
    for (std::size_t c = 1; c < axis.channels; ++c) largest = kernels::where(at(x, c) > largest, at(x, c), largest);
    LongSum<decltype(d)> sum;
    for (std::size_t c = 0; c < axis.channels; ++c) {
      const L power = kernels::exp(at(x, c) - largest);
      put(power, c);
      sum.add(power);
    }
    const L total = sum.total();
    for (std::size_t c = 0; c < axis.channels; ++c) put(at(y, c) / total, c);
  });
}

// dx_c += y_c (dy_c - sum_k dy_k y_k)
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const AlongAxis axis(args.attributes, args.output.shape);
  const float* y = args.output.data;
  const float* dy = args.d_output.data;
  float* dx = args.d_inputs[0].data;
  const kernels::Range some = axis.share(args.cut);
  if (axis.in_rows()) {
    return axis.for_places(some, [&](std::size_t first) {
      const float mean = kernels::long_dot({y + first, axis.channels}, {dy + first, axis.channels});
      kernels::each_lanes(axis.channels, [&](auto d, std::size_t i) {
        const auto at = [&](const float* of) {
          return kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, of + first + i));
        };
        const auto sum = at(dx) + at(y) * (at(dy) - kernels::Lanes<decltype(d)>(mean));
        kernels::hn::StoreU(sum.v, d, dx + first + i);
      });
    });
  }
  axis.for_lanes(some, [&](auto d, std::size_t first) {
    using L = kernels::Lanes<decltype(d)>;
    const auto at = [&](const float* of, std::size_t c) {
      return L(kernels::hn::LoadU(d, of + first + c * axis.stride));
    };
    LongSum<decltype(d)> sum;
    for (std::size_t c = 0; c < axis.channels; ++c) sum.add(at(dy, c) * at(y, c));
    const L mean = sum.total();
    for (std::size_t c = 0; c < axis.channels; ++c) {
      const L along = at(dx, c) + at(y, c) * (at(dy, c) - mean);
      kernels::hn::StoreU(along.v, d, dx + first + c * axis.stride);
    }
  });
}

// Taken apart by the chain rule of multipliers (Shrikumar et al. 2017): e = exp(x), S = sum e, y_i = e_i / S, with
// 1/S - 1/S0 = -(S - S0) / (S S0). The shift of the exponents is the same at both points, and cancels.
void multipliers(const MultiplierArgs& args) {
  if (!args.at.d_inputs[0]) return;
  const AlongAxis axis(args.at.attributes, args.at.d_output.shape);
  std::vector<double> e(axis.channels), e0(axis.channels);
  for (std::size_t pixel = 0; pixel < axis.places; ++pixel) {
    const std::size_t first = axis.first(pixel);
    const auto value = [&](const ConstTensor& of, std::size_t c) {
      return static_cast<double>(of.data[first + c * axis.stride]);
    };
    const ConstTensor& x = args.at.inputs[0];
    const ConstTensor& x0 = args.inputs[0];
    double largest = value(x, 0);
    double largest0 = value(x0, 0);
    for (std::size_t c = 1; c < axis.channels; ++c) {
      largest = std::max(largest, value(x, c));
      largest0 = std::max(largest0, value(x0, c));
    }
    const double shift = 0.5 * (largest + largest0);
    double sum = 0.0;
    double sum0 = 0.0;
    double mean = 0.0;  // sum of d y_i times e_i's mean
    for (std::size_t c = 0; c < axis.channels; ++c) {
      sum += e[c] = base::exp(value(x, c) - shift);
      sum0 += e0[c] = base::exp(value(x0, c) - shift);
      mean += value(args.at.d_output, c) * 0.5 * (e[c] + e0[c]);
    }
    for (std::size_t c = 0; c < axis.channels; ++c) {
      const double change = value(x, c) - value(x0, c);
      const double slope = std::fabs(change) < static_cast<double>(kStill) ? e[c] : (e[c] - e0[c]) / change;
      const double of_e = value(args.at.d_output, c) * 0.5 * (1.0 / sum + 1.0 / sum0) - mean / sum / sum0;
      args.at.d_inputs[0].data[first + c * axis.stride] += static_cast<float>(slope * of_e);
    }
  }
}

}  // namespace

OpDef softmax_op() {
  return {.name = "softmax",
          .onnx_name = "Softmax",
          .summary = text::op_softmax_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::none,
                     .multiplier = Multiplier::own,
                     .sees = sees_along_axis,
                     .words = text::op_softmax_words,
                     .answer = Answer::softmax},
          .cuts = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .multipliers = multipliers,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases softmax_cases() {
  return {
      .good = {{{}, {Shape{1, 10}}},
               {{}, {Shape{3, 7}}},
               {{}, {Shape{3, 5, 2, 3}}},
               {{}, {Shape{1, 1}}},
               {{{"axis", -1LL}}, {Shape{2, 3, 4, 5}}},
               {{{"axis", 2LL}}, {Shape{2, 3, 4}}}},
      .bad = {
          {{}, {Shape{3}}}, {{}, {Shape{1, 0}}}, {{{"axis", 2LL}}, {Shape{1, 3}}}, {{}, {Shape{1, 3}, Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
