// layer_norm: each sample's values behind `axis` brought to mean 0 and variance 1, then scaled and shifted (Ba et al.,
// "Layer normalization", 2016): y = (x - mean) / sqrt(var + epsilon) weight + bias. The mean and the (population)
// variance are taken over the axes from `axis` (the last one where absent) to the last.
#include <cmath>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/lane_math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"
#include "nn/ops/standard.h"

namespace weightroom::nn {
namespace {

struct Setting {
  std::size_t rows = 1;
  std::size_t length = 1;
  double epsilon = 1e-5;
};

Result<Setting> read_setting(const Attributes& attributes, const Shape& input) {
  const auto axis = read_axis(attributes, "axis", -1, input.rank());
  if (!axis) return std::unexpected(axis.error());
  const auto epsilon = read_finite(attributes, "epsilon", 1e-5);
  if (!epsilon) return std::unexpected(epsilon.error());
  if (*epsilon < 0.0) return fail(text::infer_epsilon_negative);
  const std::size_t rows = outer_size(input, *axis);
  return Setting{rows, input.size() / rows, *epsilon};
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axis", "epsilon", "bias"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  if (auto ok = read_setting(attributes, inputs[0]); !ok) return std::unexpected(ok.error());
  const auto bias = read_flag(attributes, "bias", true);
  if (!bias) return std::unexpected(bias.error());
  const int axis = read_axis(attributes, "axis", -1, inputs[0].rank()).value();
  Shape normalised;
  for (int i = axis; i < inputs[0].rank(); ++i) normalised.push_back(inputs[0][i]);
  Inference result{.output = inputs[0], .weights = {{.role = "weight", .shape = normalised, .init = Init::ones}}};
  if (*bias) result.weights.push_back({.role = "bias", .shape = normalised});
  return result;
}

struct Moments {
  double mean;
  double scale;  // 1 / sqrt(var + epsilon)
};

// Sums in double, in order.
template <class T>
Moments moments_of(const T* x, const Setting& setting) {
  double sum = 0.0;
  for (std::size_t i = 0; i < setting.length; ++i) sum += static_cast<double>(x[i]);
  const double mean = sum / static_cast<double>(setting.length);
  double squares = 0.0;
  for (std::size_t i = 0; i < setting.length; ++i) {
    const double off = static_cast<double>(x[i]) - mean;
    squares += off * off;
  }
  return {mean, 1.0 / std::sqrt(squares / static_cast<double>(setting.length) + setting.epsilon)};
}

// x, y: (N,...,L) in rows of L
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Setting setting = read_setting(args.attributes, args.output.shape).value();
  const T* weight = args.weights[0].data;
  const T* bias = args.weights.size() > 1 ? args.weights[1].data : nullptr;
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const T* x = args.inputs[0].data + row * setting.length;
    T* y = args.output.data + row * setting.length;
    const Moments at = moments_of(x, setting);
    for (std::size_t i = 0; i < setting.length; ++i) {
      const double z = (static_cast<double>(x[i]) - at.mean) * at.scale * static_cast<double>(weight[i]);
      y[i] = static_cast<T>(bias != nullptr ? z + static_cast<double>(bias[i]) : z);
    }
  }
}

void forward(const ForwardArgs& args) {
  const Setting setting = read_setting(args.attributes, args.output.shape).value();
  const float* weight = args.weights[0].data;
  const float* bias = args.weights.size() > 1 ? args.weights[1].data : nullptr;
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const float* x = args.inputs[0].data + row * setting.length;
    const Standard standard({x, setting.length}, setting.epsilon);
    kernels::map(setting.length, args.output.data + row * setting.length, [=](auto d, std::size_t i) {
      const auto at = [&](const float* of) { return kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, of + i)); };
      const auto y = standard(at(x)) * at(weight);
      return (bias != nullptr ? y + at(bias) : y).v;
    });
  }
}

// With z = (x - mean) scale and g = dy weight: dx += scale (g - mean(g) - z mean(g z)), d_weight += dy z, d_bias += dy.
void backward(const BackwardArgs& args) {
  const Setting setting = read_setting(args.attributes, args.d_output.shape).value();
  const float* weight = args.weights[0].data;
  float* d_weight = args.d_weights[0].data;
  float* d_bias = args.d_weights.size() > 1 ? args.d_weights[1].data : nullptr;
  const auto length = static_cast<double>(setting.length);
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const float* x = args.inputs[0].data + row * setting.length;
    const float* dy = args.d_output.data + row * setting.length;
    const Standard standard({x, setting.length}, setting.epsilon);
    const auto at = [](auto d, const float* of, std::size_t i) {
      return kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, of + i));
    };
    if (d_weight != nullptr)
      kernels::map(setting.length, d_weight, [=](auto d, std::size_t i) {
        return (at(d, d_weight, i) + at(d, dy, i) * standard(at(d, x, i))).v;
      });
    if (d_bias != nullptr) kernels::accumulate({dy, setting.length}, {d_bias, setting.length});
    if (!args.d_inputs[0]) continue;
    const kernels::Centre mean = kernels::centre_of(
        kernels::reduce_long(setting.length,
                             [=](auto d, std::size_t i) { return (at(d, dy, i) * at(d, weight, i)).v; }) /
        length);
    const auto along = kernels::reduce_long(setting.length, [=](auto d, std::size_t i) {
      return (at(d, dy, i) * at(d, weight, i) * standard(at(d, x, i))).v;
    });
    const auto slope = static_cast<float>(along / length);
    float* dx = args.d_inputs[0].data + row * setting.length;
    kernels::map(setting.length, dx, [=](auto d, std::size_t i) {
      using L = kernels::Lanes<decltype(d)>;
      const L g = at(d, dy, i) * at(d, weight, i);
      return (at(d, dx, i) + L(standard.scale) * ((g - L(mean.high)) - standard(at(d, x, i)) * L(slope))).v;
    });
  }
}

// Taken apart by the chain rule of multipliers (Shrikumar et al. 2017): c = x - mean, v = mean c^2 + epsilon,
// r = 1 / sqrt(v), y = weight c r + bias; a product's are the means of the other factor, c^2's are c + c0, and
//   (r - r0) / (v - v0) = -1 / ((s + s0) s s0) with s = sqrt(v).
void multipliers(const MultiplierArgs& args) {
  if (!args.at.d_inputs[0]) return;
  const Setting setting = read_setting(args.at.attributes, args.at.d_output.shape).value();
  const std::size_t n = setting.length;
  const double count = static_cast<double>(n);
  std::vector<double> centred(n), centred0(n), of_c(n);
  // The row less its mean; the root of its variance.
  const auto take = [&](const float* x, std::vector<double>& c) {
    const Moments at = moments_of(x, setting);
    for (std::size_t i = 0; i < n; ++i) c[i] = static_cast<double>(x[i]) - at.mean;
    return 1.0 / at.scale;
  };
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const double s = take(args.at.inputs[0].data + row * n, centred);
    const double s0 = take(args.inputs[0].data + row * n, centred0);
    const float* d = args.at.d_output.data + row * n;
    const auto scaled = [&](std::size_t i) {
      return static_cast<double>(d[i]) * static_cast<double>(args.at.weights[0].data[i]);
    };
    double of_r = 0.0;
    for (std::size_t i = 0; i < n; ++i) of_r += scaled(i) * 0.5 * (centred[i] + centred0[i]);
    const double of_v = -of_r / ((s + s0) * s * s0);
    double mean = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      of_c[i] = scaled(i) * 0.5 * (1.0 / s + 1.0 / s0) + of_v * (centred[i] + centred0[i]) / count;
      mean += of_c[i] / count;
    }
    float* dx = args.at.d_inputs[0].data + row * n;
    for (std::size_t i = 0; i < n; ++i) dx[i] += static_cast<float>(of_c[i] - mean);
  }
}

}  // namespace

OpDef layer_norm_op() {
  return {.name = "layer_norm",
          .onnx_name = "LayerNormalization",
          .summary = text::op_layer_norm_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::keep_norm,
                     .multiplier = Multiplier::own,
                     .sees = sees_all,
                     .words = text::op_layer_norm_words},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .multipliers = multipliers,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases layer_norm_cases() {
  return {.good = {{{}, {Shape{3, 4, 2, 6}}},
                   {{{"axis", 1LL}, {"epsilon", 0.001}}, {Shape{2, 3, 2, 2}}},
                   {{{"bias", 0LL}}, {Shape{3, 7}}}},
          .bad = {{{{"axis", 0LL}}, {Shape{1, 3, 4}}},
                  {{{"axis", 3LL}}, {Shape{1, 3, 4}}},
                  {{{"epsilon", -0.5}}, {Shape{1, 3}}},
                  {{{"bias", 2LL}}, {Shape{1, 3}}},
                  {{{"eps", 0.5}}, {Shape{1, 3}}},
                  {{}, {Shape{3}}}}};
}

}  // namespace weightroom::nn
