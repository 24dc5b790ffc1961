// batch_norm: y = (x - mean) / sqrt(var + epsilon) * weight + bias for each channel (Ioffe and
// Szegedy 2015). Training takes mean and biased variance of the batch over N, H and W; otherwise
// they are the running ones.
#include <cmath>
#include <numeric>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/simd.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

namespace hn = kernels::hn;

constexpr double kEpsilon = 1e-5;

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"epsilon"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, 4); !ok) return std::unexpected(ok.error());
  const auto epsilon = attributes.real("epsilon", kEpsilon);
  if (!epsilon) return std::unexpected(epsilon.error());
  if (!(*epsilon > 0.0 && *epsilon <= 1.0)) return fail(text::infer_epsilon_range);
  const Shape channels{inputs[0].c()};
  return Inference{.output = inputs[0],
                   .weights = {{"weight", channels, Init::ones},
                               {"bias", channels, Init::zeros},
                               {"running_mean", channels, Init::zeros, false},
                               {"running_var", channels, Init::ones, false}},
                   .saved_bytes = 2 * static_cast<std::size_t>(inputs[0].c()) * sizeof(float),
                   .multiply_adds = static_cast<double>(inputs[0].size())};
}

// One channel of an (N,C,H,W) tensor: a plane of each sample.
struct Planes {
  std::size_t samples;
  std::size_t channels;
  std::size_t size;  // H W

  explicit Planes(const Shape& x)
      : samples(static_cast<std::size_t>(x.n())),
        channels(static_cast<std::size_t>(x.c())),
        size(x.sample_size() / channels) {}
  template <class T>
  [[nodiscard]] std::span<T> of(T* x, std::size_t n, std::size_t c) const {
    return {x + (n * channels + c) * size, size};
  }
  [[nodiscard]] double count() const { return static_cast<double>(samples) * static_cast<double>(size); }
};

// Mean and biased variance of channel c, in two passes: each plane's sum by `add_up`, the planes in
// double by sample.
template <class T, class SumOfPlane, class SquaresOfPlane>
std::pair<T, T> measure(const Planes& planes, const T* x, std::size_t c, const SumOfPlane& sum,
                        const SquaresOfPlane& squares) {
  double total = 0.0;
  for (std::size_t n = 0; n < planes.samples; ++n) total += static_cast<double>(sum(planes.of(x, n, c)));
  const T mean = static_cast<T>(total / planes.count());
  total = 0.0;
  for (std::size_t n = 0; n < planes.samples; ++n) total += static_cast<double>(squares(planes.of(x, n, c), mean));
  return {mean, static_cast<T>(total / planes.count())};
}

template <class T>
T scale_of(T variance, T weight, double epsilon) {
  return weight / std::sqrt(variance + static_cast<T>(epsilon));
}

double epsilon_of(const Attributes& attributes) { return attributes.real("epsilon", kEpsilon).value(); }

template <class T>
T plain_sum(std::span<const T> x) {
  return std::accumulate(x.begin(), x.end(), T{0});
}

template <class T>
T plain_squares(std::span<const T> x, T mean) {
  return std::accumulate(x.begin(), x.end(), T{0}, [mean](T sum, T v) { return sum + (v - mean) * (v - mean); });
}

// x, y: (N,C,H,W) or (N,C); weight, bias, running_mean, running_var: (C); saved: mean (C), variance
// (C), as floats
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Planes planes(args.output.shape);
  const double epsilon = epsilon_of(args.attributes);
  auto* saved = args.saved.empty() ? nullptr : reinterpret_cast<float*>(args.saved.data());
  for (std::size_t c = 0; c < planes.channels; ++c) {
    std::pair<T, T> statistics{args.weights[2].data[c], args.weights[3].data[c]};
    if (args.training) statistics = measure<T>(planes, args.inputs[0].data, c, plain_sum<T>, plain_squares<T>);
    const auto [mean, variance] = statistics;
    if (saved != nullptr) {
      saved[c] = static_cast<float>(mean);
      saved[planes.channels + c] = static_cast<float>(variance);
    }
    const T scale = scale_of(variance, args.weights[0].data[c], epsilon);
    const T bias = args.weights[1].data[c];
    for (std::size_t n = 0; n < planes.samples; ++n) {
      const auto x = planes.of(args.inputs[0].data, n, c);
      const auto y = planes.of(args.output.data, n, c);
      for (std::size_t i = 0; i < planes.size; ++i) y[i] = (x[i] - mean) * scale + bias;
    }
  }
}

void forward(const ForwardArgs& args) {
  const Planes planes(args.output.shape);
  const double epsilon = epsilon_of(args.attributes);
  auto* saved = reinterpret_cast<float*>(args.saved.data());
  for (std::size_t c = 0; c < planes.channels; ++c) {
    std::pair<float, float> statistics{args.weights[2].data[c], args.weights[3].data[c]};
    if (args.training)
      statistics = measure(planes, args.inputs[0].data, c, kernels::sum, kernels::sum_squares_centered);
    const auto [mean, variance] = statistics;
    saved[c] = mean;
    saved[planes.channels + c] = variance;
    const float scale = scale_of(variance, args.weights[0].data[c], epsilon);
    for (std::size_t n = 0; n < planes.samples; ++n) {
      const float* x = planes.of(args.inputs[0].data, n, c).data();
      // Centred first: a x + b would lose the digits of a channel that hardly varies about a large
      // mean.
      kernels::map(planes.size, planes.of(args.output.data, n, c).data(),
                   [x, scale, mean = mean, bias = args.weights[1].data[c]](auto d, std::size_t i) {
                     const auto centred = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
                     return hn::Add(hn::Mul(centred, hn::Set(d, scale)), hn::Set(d, bias));
                   });
    }
  }
}

// Sums of dy and of dy (x - mean) over channel c.
struct Sums {
  double d_y = 0.0;
  double d_y_centred = 0.0;
};

Sums sums_of(const BackwardArgs& args, const Planes& planes, std::size_t c, float mean) {
  Sums sums;
  for (std::size_t n = 0; n < planes.samples; ++n) {
    const auto d_y = planes.of(args.d_output.data, n, c);
    sums.d_y += static_cast<double>(kernels::sum(d_y));
    sums.d_y_centred += static_cast<double>(kernels::dot_centered(planes.of(args.inputs[0].data, n, c), mean, d_y));
  }
  return sums;
}

// dx += scale (dy - mean_d_y - (x - mean) slope); where the statistics are constants, the last two
// are 0.
void add_d_input(const Planes& planes, std::size_t c, const BackwardArgs& args, float mean, float scale, float mean_d_y,
                 float slope) {
  for (std::size_t n = 0; n < planes.samples; ++n) {
    const float* x = planes.of(args.inputs[0].data, n, c).data();
    const float* d_y = planes.of(args.d_output.data, n, c).data();
    float* d_x = planes.of(args.d_inputs[0].data, n, c).data();
    const auto share = [=](auto d, std::size_t i) {
      const auto along = hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)), hn::Set(d, slope));
      const auto rest = hn::Sub(hn::Sub(hn::LoadU(d, d_y + i), hn::Set(d, mean_d_y)), along);
      return hn::Mul(hn::Set(d, scale), rest);
    };
    if (args.fresh) {
      kernels::map(planes.size, d_x, share);
    } else {
      kernels::map(planes.size, d_x,
                   [=](auto d, std::size_t i) { return hn::Add(hn::LoadU(d, d_x + i), share(d, i)); });
    }
  }
}

// With x' = (x - mean) / s, s = sqrt(var + epsilon), M = N H W: d_bias = sum dy, d_weight = sum dy
// x', dx = weight / s (dy - d_bias / M - x' d_weight / M) in training and weight / s dy otherwise.
void backward(const BackwardArgs& args) {
  const Planes planes(args.d_output.shape);
  const double epsilon = epsilon_of(args.attributes);
  const auto* saved = reinterpret_cast<const float*>(args.saved.data());
  const bool input = static_cast<bool>(args.d_inputs[0]);
  const bool weights = args.d_weights[0] || args.d_weights[1];
  for (std::size_t c = 0; c < planes.channels; ++c) {
    const float mean = saved[c];
    const double inverse = 1.0 / std::sqrt(static_cast<double>(saved[planes.channels + c]) + epsilon);
    Sums sums;
    if (weights || args.training) sums = sums_of(args, planes, c, mean);
    if (args.d_weights[0]) args.d_weights[0].data[c] += static_cast<float>(sums.d_y_centred * inverse);
    if (args.d_weights[1]) args.d_weights[1].data[c] += static_cast<float>(sums.d_y);
    if (!input) continue;
    const float scale = scale_of(saved[planes.channels + c], args.weights[0].data[c], epsilon);
    const double share = args.training ? 1.0 / planes.count() : 0.0;
    add_d_input(planes, c, args, mean, scale, static_cast<float>(sums.d_y * share),
                static_cast<float>(sums.d_y_centred * inverse * inverse * share));
  }
}

}  // namespace

OpDef batch_norm_op() {
  return {.name = "batch_norm",
          .onnx_name = "BatchNormalization",
          .summary = text::op_batch_norm_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::keep,
                     .multiplier = Multiplier::slope,
                     .sees = sees_same_places,
                     .words = text::op_batch_norm_words,
                     .channel_norm = true},
          .pointwise = true,
          .writes_fresh = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases batch_norm_cases() {
  const Shape even{3, 2, 4, 4};
  return {.good = {{{}, {Shape{1, 3, 5, 7}}},
                   {{}, {even}},
                   {{{"epsilon", 1e-3}}, {Shape{3, 2, 13, 3}}},
                   {{}, {Shape{3, 5}}}},
          .bad = {{{}, {Shape{3}}},
                  {{}, {Shape{1, 3, 0, 4}}},
                  {{{"epsilon", 0.0}}, {even}},
                  {{{"epsilon", -1e-5}}, {even}},
                  {{{"epsilon", std::string("small")}}, {even}},
                  {{{"momentum", 0.1}}, {even}},
                  {{}, {even, even}}}};
}

}  // namespace weightroom::nn
