// lrn: local response normalisation (Krizhevsky et al., "ImageNet classification with deep convolutional neural
// networks", 2012): y_c = x_c / (bias + alpha / size sum x_k^2)^beta, the sum over `size` channels around c.
#include <algorithm>
#include <cmath>
#include <string>

#include <strings/infer.h>
#include <strings/nn.h>
#include <strings/op.h>

#include "base/math.h"
#include "nn/kernels/lane_math.h"
#include "nn/kernels/scratch.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Setting {
  int size = 5;
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1.0;

  // Channels around c, of `channels`: (size - 1) / 2 below, the rest above.
  [[nodiscard]] int first(int c) const { return std::max(0, c - (size - 1) / 2); }
  [[nodiscard]] int last(int c, int channels) const { return std::min(channels - 1, c + size / 2); }
};

Result<Setting> read_setting(const Attributes& attributes) {
  Setting setting;
  const auto size = attributes.integer("size", 0);
  if (!size) return std::unexpected(size.error());
  constexpr int kMost = 65'536;
  if (*size < 1 || *size > kMost)
    return fail(text::nn_attribute_range, {{"name", "size"}, {"least", 1}, {"most", kMost}, {"value", *size}});
  setting.size = *size;
  for (const auto& [name, value] :
       {std::pair{"alpha", &setting.alpha}, std::pair{"beta", &setting.beta}, std::pair{"bias", &setting.bias}}) {
    const auto read = read_finite(attributes, name, *value);
    if (!read) return std::unexpected(read.error());
    *value = *read;
  }
  if (setting.bias <= 0.0 || setting.alpha < 0.0) return fail(text::infer_lrn);
  return setting;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"size", "alpha", "beta", "bias"}); !ok)
    return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 3, 4); !ok) return std::unexpected(ok.error());
  if (auto ok = read_setting(attributes); !ok) return std::unexpected(ok.error());
  return Inference{.output = inputs[0], .weights = {}};
}

// bias + alpha / size sum x_k^2 at one place of channel c; x points at channel 0 of that place.
template <class T>
double root_of(const Setting& setting, const T* x, std::size_t plane, int c, int channels) {
  double sum = 0.0;
  for (int k = setting.first(c); k <= setting.last(c, channels); ++k) {
    const auto value = static_cast<double>(x[static_cast<std::size_t>(k) * plane]);
    sum += value * value;
  }
  return setting.bias + setting.alpha / setting.size * sum;
}

// x, y: (N,C,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Setting setting = read_setting(args.attributes).value();
  const Shape& shape = args.output.shape;
  const std::size_t plane = shape.sample_size() / static_cast<std::size_t>(shape.c());
  const kernels::Range some = kernels::units_of(static_cast<int>(plane), args.cut);
  for (int n = 0; n < shape.n(); ++n) {
    const T* x = args.inputs[0].sample(n);
    T* y = args.output.sample(n);
    for (int c = 0; c < shape.c(); ++c) {
      for (auto p = static_cast<std::size_t>(some.first); p < static_cast<std::size_t>(some.end); ++p) {
        const std::size_t at = static_cast<std::size_t>(c) * plane + p;
        const double root = root_of(setting, x + p, plane, c, shape.c());
        y[at] = static_cast<T>(static_cast<double>(x[at]) * base::pow(root, -setting.beta));
      }
    }
  }
}

// What is the same at all places of a channel: what it sees of the others, and the numbers of the formula as floats.
struct Channel {
  std::size_t plane;  // from one channel to the next
  std::size_t first;  // where the first channel of the sum begins
  int count;          // of channels in the sum
  float bias;
  float share;
  float beta;

  Channel(const Setting& setting, std::size_t plane, int c, int channels)
      : plane(plane),
        first(static_cast<std::size_t>(setting.first(c)) * plane),
        count(setting.last(c, channels) - setting.first(c) + 1),
        bias(static_cast<float>(setting.bias)),
        share(static_cast<float>(setting.alpha / setting.size)),
        beta(static_cast<float>(setting.beta)) {}
};

// bias + alpha / size sum x_k^2 and its power, at neighbouring places; x points at channel 0 of the first.
template <class D>
struct Rooted {
  kernels::Lanes<D> root;
  kernels::Lanes<D> power;

  HWY_INLINE Rooted(const Channel& channel, D d, const float* x) : root(0.0), power(0.0) {
    using L = kernels::Lanes<D>;
    L sum(0.0);
    x += channel.first;
    for (int k = 0; k < channel.count; ++k, x += channel.plane) {
      const L value(kernels::hn::LoadU(d, x));
      sum = sum + value * value;
    }
    root = L(channel.bias) + L(channel.share) * sum;
    const L one(1.0);
    if (channel.beta == 0.75F) {  // AlexNet's and GoogLeNet's
      const L half = kernels::sqrt(root);
      power = one / (half * kernels::sqrt(half));
    } else if (channel.beta == 0.5F) {
      power = one / kernels::sqrt(root);
    } else {
      power = channel.beta == 1.0F ? one / root : kernels::exp(L(-channel.beta) * kernels::log(root));
    }
  }
};

void forward(const ForwardArgs& args) {
  const Setting setting = read_setting(args.attributes).value();
  const Shape& shape = args.output.shape;
  const std::size_t plane = shape.sample_size() / static_cast<std::size_t>(shape.c());
  const kernels::Range some = kernels::units_of(static_cast<int>(plane), args.cut);
  const auto first = static_cast<std::size_t>(some.first);
  for (int n = 0; n < shape.n(); ++n) {
    const float* x = args.inputs[0].sample(n) + first;
    for (int c = 0; c < shape.c(); ++c) {
      const std::size_t at = static_cast<std::size_t>(c) * plane;
      const Channel channel(setting, plane, c, shape.c());
      kernels::map(static_cast<std::size_t>(some.size()), args.output.sample(n) + first + at,
                   [=](auto d, std::size_t i) {
                     const Rooted rooted(channel, d, x + i);
                     return (kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, x + at + i)) * rooted.power).v;
                   });
    }
  }
}

// d y_c / d x_k = root_c^-beta (k == c) - 2 alpha beta / size x_c x_k root_c^(-beta - 1), for k around c.
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Setting setting = read_setting(args.attributes).value();
  const Shape& shape = args.d_output.shape;
  const std::size_t plane = shape.sample_size() / static_cast<std::size_t>(shape.c());
  const auto slope = static_cast<float>(2.0 * setting.alpha * setting.beta / setting.size);
  const kernels::Range some = kernels::units_of(static_cast<int>(plane), args.cut);
  const auto first = static_cast<std::size_t>(some.first);
  for (int n = 0; n < shape.n(); ++n) {
    const float* x = args.inputs[0].sample(n) + first;
    const float* dy = args.d_output.sample(n) + first;
    float* dx = args.d_inputs[0].sample(n) + first;
    for (int c = 0; c < shape.c(); ++c) {
      const std::size_t at = static_cast<std::size_t>(c) * plane;
      const Channel channel(setting, plane, c, shape.c());
      kernels::each_lanes(static_cast<std::size_t>(some.size()), [=](auto d, std::size_t i) {
        using L = kernels::Lanes<decltype(d)>;
        const auto load = [=](const float* of, std::size_t from) { return L(kernels::hn::LoadU(d, of + from + i)); };
        const auto store = [=](L v, std::size_t to) { kernels::hn::StoreU(v.v, d, dx + to + i); };
        const Rooted rooted(channel, d, x + i);
        const L through = load(dy, at) * rooted.power;
        store(load(dx, at) + through, at);
        const L side = through * L(slope) * load(x, at) / rooted.root;
        for (std::size_t k = 0, other = channel.first; k < static_cast<std::size_t>(channel.count); ++k) {
          store(load(dx, other) - side * load(x, other), other);
          other += channel.plane;
        }
      });
    }
  }
}

// Taken apart by the chain rule of multipliers (Shrikumar et al. 2017): y_c = x_c p_c, p_c = root_c^-beta; a product's
// are the means of the other factor, and those of root are alpha / size (x_k + x0_k).
void multipliers(const MultiplierArgs& args) {
  if (!args.at.d_inputs[0]) return;
  const Setting setting = read_setting(args.at.attributes).value();
  const Shape& shape = args.at.d_output.shape;
  const std::size_t plane = shape.sample_size() / static_cast<std::size_t>(shape.c());
  for (int n = 0; n < shape.n(); ++n) {
    const float* x = args.at.inputs[0].sample(n);
    const float* x0 = args.inputs[0].sample(n);
    const float* d = args.at.d_output.sample(n);
    float* dx = args.at.d_inputs[0].sample(n);
    for (std::size_t at = 0; at < shape.sample_size(); ++at) {
      const int c = static_cast<int>(at / plane);
      const std::size_t p = at % plane;
      const double root = root_of(setting, x + p, plane, c, shape.c());
      const double root0 = root_of(setting, x0 + p, plane, c, shape.c());
      const double power = base::pow(root, -setting.beta);
      const double power0 = base::pow(root0, -setting.beta);
      dx[at] += static_cast<float>(static_cast<double>(d[at]) * 0.5 * (power + power0));
      const double change = root - root0;
      const double slope = std::fabs(change) < 1e-9 * root ? -setting.beta * power / root : (power - power0) / change;
      const double mean = 0.5 * (static_cast<double>(x[at]) + static_cast<double>(x0[at]));
      const double side = static_cast<double>(d[at]) * mean * slope * setting.alpha / setting.size;
      for (int k = setting.first(c); k <= setting.last(c, shape.c()); ++k) {
        const std::size_t other = static_cast<std::size_t>(k) * plane + p;
        dx[other] += static_cast<float>(side * (static_cast<double>(x[other]) + static_cast<double>(x0[other])));
      }
    }
  }
}

}  // namespace

OpDef lrn_op() {
  return {.name = "lrn",
          .onnx_name = "LRN",
          .summary = text::op_lrn_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::keep_norm,
                     .multiplier = Multiplier::own,
                     .sees = sees_same_places,
                     .words = text::op_lrn_words},
          .pointwise = true,
          .cuts = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .multipliers = multipliers,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases lrn_cases() {
  return {.good = {{{{"size", 3LL}, {"alpha", 0.5}}, {Shape{2, 5, 2, 3}}},
                   {{{"size", 4LL}, {"alpha", 0.25}, {"beta", 0.5}, {"bias", 2.0}}, {Shape{1, 6, 3, 3}}}},
          .bad = {{{}, {Shape{1, 5, 2, 3}}},
                  {{{"size", 0LL}}, {Shape{1, 5, 2, 3}}},
                  {{{"size", 3LL}, {"bias", 0.0}}, {Shape{1, 5, 2, 3}}},
                  {{{"size", 3LL}, {"alpha", -1.0}}, {Shape{1, 5, 2, 3}}},
                  {{{"size", 3LL}}, {Shape{1, 5}}},
                  {{{"depth", 3LL}}, {Shape{1, 5, 2, 3}}}}};
}

}  // namespace weightroom::nn
