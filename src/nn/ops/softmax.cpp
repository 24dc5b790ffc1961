// softmax along one axis (1, the channels, where it is not said): y_c = exp(x_c - m) / sum_k exp(x_k - m), m the
// largest x, so that nothing overflows.
#include <algorithm>
#include <cmath>

#include <strings/op.h>

#include "base/math.h"
#include "nn/kernels/scratch.h"
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

// The values of one pixel lie `stride` apart, C of them.
struct Layout {
  std::size_t channels;
  std::size_t stride;
  std::size_t pixels;

  Layout(const Attributes& attributes, const Shape& x) {
    const int axis = read_axis(attributes, "axis", 1, x.rank()).value();
    channels = static_cast<std::size_t>(x[axis]);
    const std::size_t outer = outer_size(x, axis);
    stride = x.size() / outer / channels;
    pixels = outer * stride;
  }
  [[nodiscard]] kernels::Range share(const Cut& cut) const { return kernels::units_of(static_cast<int>(pixels), cut); }
  [[nodiscard]] std::size_t first(std::size_t pixel) const {
    return pixel / stride * channels * stride + pixel % stride;
  }
};

// x, y: (N,C) or (N,C,H,W). The sum is kept in double, in channel order.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Layout layout(args.attributes, args.output.shape);
  const kernels::Range pixels = layout.share(args.cut);
  for (auto pixel = static_cast<std::size_t>(pixels.first); pixel < static_cast<std::size_t>(pixels.end); ++pixel) {
    const T* x = args.inputs[0].data + layout.first(pixel);
    T* y = args.output.data + layout.first(pixel);
    double largest = static_cast<double>(x[0]);
    for (std::size_t c = 1; c < layout.channels; ++c)
      largest = std::max(largest, static_cast<double>(x[c * layout.stride]));
    double sum = 0.0;
    for (std::size_t c = 0; c < layout.channels; ++c) {
      const double power = base::exp(static_cast<double>(x[c * layout.stride]) - largest);
      y[c * layout.stride] = static_cast<T>(power);
      sum += power;
    }
    for (std::size_t c = 0; c < layout.channels; ++c) {
      y[c * layout.stride] = static_cast<T>(static_cast<double>(y[c * layout.stride]) / sum);
    }
  }
}

// dx_c += y_c (dy_c - sum_k dy_k y_k)
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Layout layout(args.attributes, args.output.shape);
  const kernels::Range pixels = layout.share(args.cut);
  for (auto pixel = static_cast<std::size_t>(pixels.first); pixel < static_cast<std::size_t>(pixels.end); ++pixel) {
    const std::size_t first = layout.first(pixel);
    const float* y = args.output.data + first;
    const float* dy = args.d_output.data + first;
    float* dx = args.d_inputs[0].data + first;
    double mean = 0.0;
    for (std::size_t i = 0; i < layout.channels * layout.stride; i += layout.stride) {
      mean += static_cast<double>(dy[i]) * static_cast<double>(y[i]);
    }
    for (std::size_t i = 0; i < layout.channels * layout.stride; i += layout.stride) {
      dx[i] += static_cast<float>(static_cast<double>(y[i]) * (static_cast<double>(dy[i]) - mean));
    }
  }
}

// Taken apart by the chain rule of multipliers (Shrikumar et al. 2017): e = exp(x), S = sum e, y_i = e_i / S, with
// 1/S - 1/S0 = -(S - S0) / (S S0). The shift of the exponents is the same at both points, and cancels.
void multipliers(const MultiplierArgs& args) {
  if (!args.at.d_inputs[0]) return;
  const Layout layout(args.at.attributes, args.at.d_output.shape);
  std::vector<double> e(layout.channels), e0(layout.channels);
  for (std::size_t pixel = 0; pixel < layout.pixels; ++pixel) {
    const std::size_t first = layout.first(pixel);
    const auto value = [&](const ConstTensor& of, std::size_t c) {
      return static_cast<double>(of.data[first + c * layout.stride]);
    };
    const ConstTensor& x = args.at.inputs[0];
    const ConstTensor& x0 = args.inputs[0];
    double largest = value(x, 0);
    double largest0 = value(x0, 0);
    for (std::size_t c = 1; c < layout.channels; ++c) {
      largest = std::max(largest, value(x, c));
      largest0 = std::max(largest0, value(x0, c));
    }
    const double shift = 0.5 * (largest + largest0);
    double sum = 0.0;
    double sum0 = 0.0;
    double mean = 0.0;  // sum of d y_i times e_i's mean
    for (std::size_t c = 0; c < layout.channels; ++c) {
      sum += e[c] = base::exp(value(x, c) - shift);
      sum0 += e0[c] = base::exp(value(x0, c) - shift);
      mean += value(args.at.d_output, c) * 0.5 * (e[c] + e0[c]);
    }
    for (std::size_t c = 0; c < layout.channels; ++c) {
      const double change = value(x, c) - value(x0, c);
      const double slope = std::fabs(change) < static_cast<double>(kStill) ? e[c] : (e[c] - e0[c]) / change;
      const double of_e = value(args.at.d_output, c) * 0.5 * (1.0 / sum + 1.0 / sum0) - mean / sum / sum0;
      args.at.d_inputs[0].data[first + c * layout.stride] += static_cast<float>(slope * of_e);
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
          .forward = plain<float>,
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
