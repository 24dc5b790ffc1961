// group_norm: of each sample the channels in groups, each brought to mean 0 and variance 1, then every channel scaled
// and shifted (Wu and He, "Group normalization", 2018): y = (x - mean) / sqrt(var + epsilon) weight + bias. With as
// many groups as channels it is instance normalisation (Ulyanov et al., "Instance normalization", 2016).
#include <cmath>
#include <vector>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"
#include "nn/ops/standard.h"

namespace weightroom::nn {
namespace {

struct Setting {
  std::size_t rows = 1;  // groups of all samples
  std::size_t groups = 1;
  std::size_t channels = 1;  // of a group
  std::size_t plane = 1;     // values of a channel
  double epsilon = 1e-5;

  [[nodiscard]] std::size_t length() const { return channels * plane; }
  // The first channel of a row.
  [[nodiscard]] std::size_t channel(std::size_t row) const { return row % groups * channels; }
};

Result<Setting> read_setting(const Attributes& attributes, const Shape& input) {
  const auto groups = attributes.integer("groups", 1);
  if (!groups) return std::unexpected(groups.error());
  if (*groups < 1 || input.c() % *groups != 0)
    return fail(text::infer_conv_inputs, {{"channels", input.c()}, {"n", *groups}});
  const auto epsilon = read_finite(attributes, "epsilon", 1e-5);
  if (!epsilon) return std::unexpected(epsilon.error());
  if (*epsilon < 0.0) return fail(text::infer_epsilon_negative);
  const auto count = static_cast<std::size_t>(*groups);
  const auto channels = static_cast<std::size_t>(input.c());
  return Setting{static_cast<std::size_t>(input.n()) * count, count, channels / count, input.sample_size() / channels,
                 *epsilon};
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"groups", "epsilon"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  if (auto ok = read_setting(attributes, inputs[0]); !ok) return std::unexpected(ok.error());
  const Shape channels{inputs[0].c()};
  return Inference{
      .output = inputs[0],
      .weights = {{.role = "weight", .shape = channels, .init = Init::ones}, {.role = "bias", .shape = channels}}};
}

struct Moments {
  double mean;
  double scale;  // 1 / sqrt(var + epsilon)
};

// Sums in double, in order.
template <class T>
Moments moments_of(const T* x, const Setting& setting) {
  const auto count = static_cast<double>(setting.length());
  double sum = 0.0;
  for (std::size_t i = 0; i < setting.length(); ++i) sum += static_cast<double>(x[i]);
  const double mean = sum / count;
  double squares = 0.0;
  for (std::size_t i = 0; i < setting.length(); ++i) {
    const double off = static_cast<double>(x[i]) - mean;
    squares += off * off;
  }
  return {mean, 1.0 / std::sqrt(squares / count + setting.epsilon)};
}

// x, y: (N,C,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Setting setting = read_setting(args.attributes, args.output.shape).value();
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const T* x = args.inputs[0].data + row * setting.length();
    T* y = args.output.data + row * setting.length();
    const Moments at = moments_of(x, setting);
    for (std::size_t c = 0; c < setting.channels; ++c, x += setting.plane, y += setting.plane) {
      const std::size_t channel = setting.channel(row) + c;
      const double factor = at.scale * static_cast<double>(args.weights[0].data[channel]);
      const double shift = static_cast<double>(args.weights[1].data[channel]);
      for (std::size_t i = 0; i < setting.plane; ++i)
        y[i] = static_cast<T>((static_cast<double>(x[i]) - at.mean) * factor + shift);
    }
  }
}

template <class D>
kernels::Lanes<D> lanes_at(D d, const float* from, std::size_t i) {
  return kernels::hn::LoadU(d, from + i);
}

void forward(const ForwardArgs& args) {
  const Setting setting = read_setting(args.attributes, args.output.shape).value();
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const float* x = args.inputs[0].data + row * setting.length();
    float* y = args.output.data + row * setting.length();
    const Standard standard({x, setting.length()}, setting.epsilon);
    for (std::size_t c = 0; c < setting.channels; ++c, x += setting.plane, y += setting.plane) {
      const std::size_t channel = setting.channel(row) + c;
      const auto factor = static_cast<float>(standard.scale * static_cast<double>(args.weights[0].data[channel]));
      const float shift = args.weights[1].data[channel];
      kernels::map_lanes(setting.plane, x, y, [=](auto v) {
        using L = decltype(v);
        return standard.centred(v) * L(factor) + L(shift);
      });
    }
  }
}

// With z = (x - mean) scale and g = dy weight: dx += scale (g - mean(g) - z mean(g z)), d_weight += dy z, d_bias += dy.
void backward(const BackwardArgs& args) {
  const Setting setting = read_setting(args.attributes, args.d_output.shape).value();
  float* d_weight = args.d_weights[0].data;
  float* d_bias = args.d_weights[1].data;
  const auto count = static_cast<double>(setting.length());
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const float* x = args.inputs[0].data + row * setting.length();
    const float* dy = args.d_output.data + row * setting.length();
    const Standard standard({x, setting.length()}, setting.epsilon);
    double sum = 0.0;
    double along = 0.0;
    for (std::size_t c = 0; c < setting.channels; ++c) {
      const std::size_t channel = setting.channel(row) + c;
      const std::size_t from = c * setting.plane;
      const double of_dy =
          kernels::reduce_long(setting.plane, [=](auto d, std::size_t i) { return lanes_at(d, dy, from + i).v; });
      const double of_product = standard.scale * kernels::reduce_long(setting.plane, [=](auto d, std::size_t i) {
                                  return (lanes_at(d, dy, from + i) * standard.centred(lanes_at(d, x, from + i))).v;
                                });
      if (d_weight != nullptr) d_weight[channel] += static_cast<float>(of_product);
      if (d_bias != nullptr) d_bias[channel] += static_cast<float>(of_dy);
      sum += of_dy * static_cast<double>(args.weights[0].data[channel]);
      along += of_product * static_cast<double>(args.weights[0].data[channel]);
    }
    if (!args.d_inputs[0]) continue;
    float* dx = args.d_inputs[0].data + row * setting.length();
    const auto mean = static_cast<float>(standard.scale * sum / count);
    const auto slope = static_cast<float>(standard.scale * standard.scale * along / count);
    for (std::size_t c = 0; c < setting.channels; ++c) {
      const std::size_t from = c * setting.plane;
      const auto factor =
          static_cast<float>(standard.scale * static_cast<double>(args.weights[0].data[setting.channel(row) + c]));
      kernels::map(setting.plane, dx + from, [=](auto d, std::size_t i) {
        using L = kernels::Lanes<decltype(d)>;
        const L through = lanes_at(d, dy, from + i) * L(factor) - L(mean);
        return (lanes_at(d, dx, from + i) + (through - standard.centred(lanes_at(d, x, from + i)) * L(slope))).v;
      });
    }
  }
}

// As layer_norm's, whose head says how they come about.
void multipliers(const MultiplierArgs& args) {
  if (!args.at.d_inputs[0]) return;
  const Setting setting = read_setting(args.at.attributes, args.at.d_output.shape).value();
  const std::size_t n = setting.length();
  const auto count = static_cast<double>(n);
  std::vector<double> of_c(n);
  for (std::size_t row = 0; row < setting.rows; ++row) {
    const float* x = args.at.inputs[0].data + row * n;
    const float* x0 = args.inputs[0].data + row * n;
    const Moments at = moments_of(x, setting);
    const Moments at0 = moments_of(x0, setting);
    const double s = 1.0 / at.scale;
    const double s0 = 1.0 / at0.scale;
    const float* d = args.at.d_output.data + row * n;
    const auto scaled = [&](std::size_t i) {
      return static_cast<double>(d[i]) *
             static_cast<double>(args.at.weights[0].data[setting.channel(row) + i / setting.plane]);
    };
    // Twice the mean of both points.
    const auto centred = [&](std::size_t i) {
      return static_cast<double>(x[i]) - at.mean + static_cast<double>(x0[i]) - at0.mean;
    };
    double of_r = 0.0;
    for (std::size_t i = 0; i < n; ++i) of_r += scaled(i) * 0.5 * centred(i);
    const double of_v = -of_r / ((s + s0) * s * s0);
    double mean = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      of_c[i] = scaled(i) * 0.5 * (at.scale + at0.scale) + of_v * centred(i) / count;
      mean += of_c[i] / count;
    }
    float* dx = args.at.d_inputs[0].data + row * n;
    for (std::size_t i = 0; i < n; ++i) dx[i] += static_cast<float>(of_c[i] - mean);
  }
}

}  // namespace

OpDef group_norm_op() {
  return {.name = "group_norm",
          .onnx_name = "GroupNormalization",
          .summary = text::op_group_norm_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::keep_norm,
                     .multiplier = Multiplier::own,
                     .sees = sees_all,
                     .words = text::op_group_norm_words},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .multipliers = multipliers,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases group_norm_cases() {
  return {.good = {{{{"groups", 2LL}}, {Shape{3, 4, 3, 5}}},
                   {{{"groups", 6LL}, {"epsilon", 0.001}}, {Shape{2, 6, 2, 3}}},
                   {{}, {Shape{3, 4, 7}}}},
          .bad = {{{{"groups", 3LL}}, {Shape{1, 4, 2, 2}}},
                  {{{"groups", 0LL}}, {Shape{1, 4, 2, 2}}},
                  {{{"epsilon", -0.5}}, {Shape{1, 3}}},
                  {{{"group", 1LL}}, {Shape{1, 3}}},
                  {{}, {Shape{3}}}}};
}

}  // namespace weightroom::nn
