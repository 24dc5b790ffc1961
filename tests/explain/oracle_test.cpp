// Every method against its formula worked out slowly in double, on matrices (support/matrix_net.h), of small random
// networks: convolutions with groups, strides and dilation, batch norm, pools, a shortcut.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "explain/quadrature.h"
#include "run_method.h"
#include "support/matrix_net.h"

namespace weightroom::explain {
namespace {

using test::Affine;
using test::MatrixNet;
using Values = MatrixNet::Values;
using Rows = std::vector<Values>;

struct Subject {
  test::Net net;
  int target = 0;
  std::vector<double> black;  // (C)
  std::vector<double> white;
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const test::Net& net :
       {test::smooth_net(1), test::mixed_net(2), test::chain_net(3), test::chain_net(4, false)}) {
    const auto channels = static_cast<std::size_t>(net.graph->spec().input[0]);
    for (int target : {0, net.graph->class_count() - 1})
      all.push_back({net, target, std::vector<double>(channels, -1.25), std::vector<double>(channels, 1.5)});
  }
  return all;
}

bool has_op(const test::Net& net, std::string_view op) {
  return std::ranges::any_of(net.graph->nodes(),
                             [&](const nn::Node& n) { return n.op != nullptr && n.op->name == op; });
}

Values widen(const std::vector<float>& values) { return {values.begin(), values.end()}; }

// What a test needs of a subject, in double.
struct Plain {
  explicit Plain(const Subject& s)
      : subject(s), net(*s.net.graph, s.net.weights), x(widen(s.net.input)), plane(x.size() / s.black.size()) {}

  [[nodiscard]] double f(const Values& at) const { return net.logit(at, subject.target); }
  [[nodiscard]] Values gradient(const Values& at) const { return net.gradient(at, subject.target); }
  [[nodiscard]] Values black() const {
    Values out(x.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = subject.black[i / plane];
    return out;
  }

  const Subject& subject;
  MatrixNet net;
  Values x;
  std::size_t plane;  // H W
};

Explanation engine(const std::string& name, const Subject& s, const Params& params = {}, int layer = -1) {
  nn::Session session = s.net.session();
  MethodInput input = input_of(name, session, s.net, s.target, params, layer, {s.black.begin(), s.black.end()});
  input.white.assign(s.white.begin(), s.white.end());
  MapJob job(*find_method(name), std::move(input));
  while (!job.step(base::Budget::unlimited())) {
  }
  return job.result();
}

void expect_near(const std::vector<float>& found, const Values& expected, double tolerance, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 0.0;
  for (double value : expected) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(static_cast<double>(found[i]), expected[i], tolerance * largest + 1e-12) << what << ", " << i;
}

TEST(AgainstOracle, GradientTimesInput) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    Values expected = plain.gradient(plain.x);
    expect_near(engine("gradient", s).attribution.values, expected, 1e-4, "gradient");
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= plain.x[i];
    expect_near(engine("gradient_x_input", s).attribution.values, expected, 1e-4, "gradient_x_input");
  }
}

TEST(AgainstOracle, NoisyGradients) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int samples = 7;
    const auto [low, high] = std::ranges::minmax(plain.x);
    Rows gradients;
    for (int n = 0; n < samples; ++n) {
      base::Rng rng(3, "smoothgrad", static_cast<std::uint64_t>(n));
      Values noisy = plain.x;
      for (double& value : noisy)
        value = static_cast<double>(static_cast<float>(value + 0.2 * (high - low) * rng.normal()));
      gradients.push_back(plain.gradient(noisy));
    }
    Values mean(plain.x.size()), square(mean.size()), variance(mean.size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
      for (const Values& g : gradients) {
        mean[i] += g[i] / samples;
        square[i] += g[i] * g[i] / samples;
      }
      for (const Values& g : gradients) variance[i] += (g[i] - mean[i]) * (g[i] - mean[i]) / samples;
    }
    const Params params{{"samples", samples}, {"sigma", 0.2}, {"seed", 3.0}};
    expect_near(engine("smoothgrad", s, params).attribution.values, mean, 1e-4, "smoothgrad");
    expect_near(engine("smoothgrad_squared", s, params).attribution.values, square, 1e-4, "smoothgrad_squared");
    expect_near(engine("vargrad", s, params).attribution.values, variance, 1e-4, "vargrad");
  }
}

// Gaussian weights cut off at four sigmas; a picture blurred as one double sum, the outermost pixel mirrored or nothing
// beyond the edge.
Values blurred(const Values& x, const nn::Shape& shape, double sigma, bool mirror) {
  if (sigma == 0.0) return x;
  const int radius = static_cast<int>(4.0 * sigma + 0.5);
  const auto weight = [&](int k) { return std::exp(-0.5 * k * k / (sigma * sigma)); };
  double total = 0.0;
  for (int k = -radius; k <= radius; ++k) total += weight(k);
  const auto index = [&](int i, int n) {
    if (i >= 0 && i < n) return i;
    if (!mirror) return -1;
    while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
  };
  Values out(x.size(), 0.0);
  for (int c = 0; c < shape[0]; ++c) {
    for (int y = 0; y < shape[1]; ++y) {
      for (int col = 0; col < shape[2]; ++col) {
        double sum = 0.0;
        for (int dy = -radius; dy <= radius; ++dy) {
          for (int dx = -radius; dx <= radius; ++dx) {
            const int sy = index(y + dy, shape[1]);
            const int sx = index(col + dx, shape[2]);
            if (sy < 0 || sx < 0) continue;
            sum += weight(dy) * weight(dx) * x[static_cast<std::size_t>((c * shape[1] + sy) * shape[2] + sx)];
          }
        }
        out[static_cast<std::size_t>((c * shape[1] + y) * shape[2] + col)] = sum / (total * total);
      }
    }
  }
  return out;
}

// By name: black, mean, blurred, noise.
Values baseline(const Plain& plain, int kind, std::uint64_t seed, std::uint64_t index = 0) {
  const nn::Shape& shape = plain.subject.net.graph->spec().input;
  Values out = plain.black();
  if (kind == 1) {
    for (std::size_t c = 0; c < out.size(); c += plain.plane) {
      double sum = 0.0;
      for (std::size_t i = 0; i < plain.plane; ++i) sum += plain.x[c + i];
      for (std::size_t i = 0; i < plain.plane; ++i) out[c + i] = sum / static_cast<double>(plain.plane);
    }
  } else if (kind == 2) {
    out = blurred(plain.x, shape, 0.125 * std::max(shape[1], shape[2]), true);
  } else if (kind == 3) {
    base::Rng rng(seed, "baseline", index);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = rng.uniform(plain.subject.black[i / plain.plane], plain.subject.white[i / plain.plane]);
  }
  return out;
}

TEST(AgainstOracle, IntegratedGradients) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    for (int kind = 0; kind < 4; ++kind) {
      const Values from = baseline(plain, kind, 5);
      const Quadrature rule = gauss_legendre(24);
      Values expected(plain.x.size(), 0.0);
      for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
        Values at(from.size());
        for (std::size_t i = 0; i < at.size(); ++i) at[i] = from[i] + rule.nodes[k] * (plain.x[i] - from[i]);
        const Values gradient = plain.gradient(at);
        for (std::size_t i = 0; i < at.size(); ++i)
          expected[i] += rule.weights[k] * gradient[i] * (plain.x[i] - from[i]);
      }
      const Explanation found = engine("integrated_gradients", s, {{"steps", 24.0}, {"baseline", kind}, {"seed", 5.0}});
      expect_near(found.attribution.values, expected, 1e-4, "baseline " + std::to_string(kind));
      const double difference = plain.f(plain.x) - plain.f(from);
      const double sum = std::accumulate(expected.begin(), expected.end(), 0.0);
      EXPECT_NEAR(found.completeness_error, std::fabs(sum - difference) / std::max(std::fabs(difference), 0.01), 1e-3);
    }
  }
}

// Cut at every kink the sum is exact: a very fine midpoint rule comes to the same.
TEST(AgainstOracle, ExactIntegratedGradients) {
  for (const Subject& s : subjects()) {
    if (has_op(s.net, "softmax")) continue;
    const Plain plain(s);
    const Values from = plain.black();
    constexpr int kSteps = 3000;
    Values expected(plain.x.size(), 0.0);
    for (int k = 0; k < kSteps; ++k) {
      Values at(from.size());
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = from[i] + (k + 0.5) / kSteps * (plain.x[i] - from[i]);
      const Values gradient = plain.gradient(at);
      for (std::size_t i = 0; i < at.size(); ++i) expected[i] += gradient[i] * (plain.x[i] - from[i]) / kSteps;
    }
    const Explanation found = engine("integrated_gradients", s, {{"mode", 1.0}});
    expect_near(found.attribution.values, expected, 3e-3, "exact");
    EXPECT_LE(found.completeness_error, 1e-4);
    EXPECT_TRUE(found.note.empty()) << found.note;
  }
  EXPECT_FALSE(run_method("integrated_gradients", test::smooth_net(1), 0, {{"mode", 1.0}}).note.empty());
}

TEST(AgainstOracle, GradientShap) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    constexpr int kSamples = 9;
    Values expected(plain.x.size(), 0.0);
    for (int n = 0; n < kSamples; ++n) {
      base::Rng rng(2, "gradient_shap", static_cast<std::uint64_t>(n));
      const Values from = baseline(plain, static_cast<int>(rng.below(4)), 2, static_cast<std::uint64_t>(n));
      const double place = rng.uniform();
      Values at(from.size());
      for (std::size_t i = 0; i < at.size(); ++i) at[i] = from[i] + place * (plain.x[i] - from[i]);
      const Values gradient = plain.gradient(at);
      for (std::size_t i = 0; i < at.size(); ++i) expected[i] += gradient[i] * (plain.x[i] - from[i]) / kSamples;
    }
    const auto found = engine("gradient_shap", s, {{"samples", kSamples}, {"seed", 2.0}}).attribution.values;
    expect_near(found, expected, 1e-4, "gradient_shap");
  }
}

TEST(AgainstOracle, BlurIg) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    constexpr int kSteps = 12;
    constexpr double kMost = 1.7;
    Values expected(plain.x.size(), 0.0);
    for (int i = 0; i < kSteps; ++i) {
      const double sigma = i * kMost / kSteps;
      const Values here = blurred(plain.x, shape, sigma, false);
      const Values there = blurred(plain.x, shape, sigma + 0.01, false);
      const Values gradient = plain.gradient(here);
      for (std::size_t k = 0; k < here.size(); ++k)
        expected[k] -= kMost / kSteps * (there[k] - here[k]) / 0.01 * gradient[k];
    }
    const Explanation found = engine("blur_ig", s, {{"steps", kSteps}, {"max_sigma", kMost}});
    expect_near(found.attribution.values, expected, 1e-4, "blur_ig");
    const double difference = plain.f(plain.x) - plain.f(blurred(plain.x, shape, kMost, false));
    const double sum = std::accumulate(expected.begin(), expected.end(), 0.0);
    EXPECT_NEAR(found.completeness_error, std::fabs(sum - difference) / std::max(std::fabs(difference), 0.01), 1e-3);
  }
}

// PAIR's own test of it: 5 x 5 zeros with 0.7 at (1,1) and 1 at (2,2), f = sum of sines: about 0.641 and 0.838. It
// holds the oracle above, since no network of ours has a sine.
TEST(Oracle, BlurIgOfPairsTest) {
  Values x(25, 0.0);
  x[6] = 0.7;
  x[12] = 1.0;
  constexpr int kSteps = 4000;
  constexpr double kMost = 10.0;
  Values sum(25, 0.0);
  for (int i = 0; i < kSteps; ++i) {
    const double sigma = i * kMost / kSteps;
    if (sigma > 3.0 && i % 10 != 0) continue;  // hardly anything changes any more: ten steps at once
    const double width = sigma > 3.0 ? 10.0 : 1.0;
    const Values here = blurred(x, {1, 5, 5}, sigma, false);
    const Values there = blurred(x, {1, 5, 5}, sigma + 0.01, false);
    for (std::size_t k = 0; k < 25; ++k)
      sum[k] -= width * kMost / kSteps * (there[k] - here[k]) / 0.01 * std::cos(here[k]);
  }
  EXPECT_NEAR(sum[6], 0.641, 0.005);
  EXPECT_NEAR(sum[12], 0.838, 0.005);
}

TEST(AgainstOracle, Rectifiers) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const auto values = plain.net.forward(plain.x);
    for (const bool guided : {true, false}) {
      const auto rule = [&](const MatrixNet::Step& step) -> Rows {
        if (step.of.op->name != "relu") return plain.net.calculus(step);
        const Values& x = values[static_cast<std::size_t>(step.of.inputs[0])];
        Values out(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = !guided || x[i] > 0.0 ? std::max(step.got[i], 0.0) : 0.0;
        return {out};
      };
      const char* name = guided ? "guided_backprop" : "deconvnet";
      expect_near(engine(name, s).attribution.values, plain.net.backward(values, s.target, 1.0, rule), 1e-4, name);
    }
  }
}

// A layer's feature maps and the logit's derivatives by them.
struct LayerOf {
  Values value;
  Values gradient;
  std::size_t maps;
  std::size_t size;
};

LayerOf layer_at(const Plain& plain, int node) {
  const auto values = plain.net.forward(plain.x);
  Values kept;
  (void)plain.net.backward(values, plain.subject.target, 1.0, [&](const MatrixNet::Step& step) {
    if (step.node == node) kept = step.got;
    return plain.net.calculus(step);
  });
  const nn::Shape& shape = plain.subject.net.graph->nodes()[static_cast<std::size_t>(node)].output;
  const auto size = static_cast<std::size_t>(shape.h() * shape.w());
  return {values[static_cast<std::size_t>(node)], kept, static_cast<std::size_t>(shape.c()), size};
}

TEST(AgainstOracle, TheCamFamily) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    for (const int node : {default_layer(*s.net.graph), cam_layers(*s.net.graph).front()}) {
      const LayerOf layer = layer_at(plain, node);
      Values cam(layer.size), plus(layer.size), hires(layer.size), positive(layer.size), xgrad(layer.size);
      for (std::size_t k = 0; k < layer.maps; ++k) {
        const auto a = std::span(layer.value).subspan(k * layer.size, layer.size);
        const auto g = std::span(layer.gradient).subspan(k * layer.size, layer.size);
        double mean = 0.0, sum = 0.0, product = 0.0, weight = 0.0;
        for (std::size_t i = 0; i < layer.size; ++i) {
          mean += g[i] / static_cast<double>(layer.size);
          sum += a[i];
          product += a[i] * g[i];
        }
        for (double d : g) {
          if (d > 0.0) weight += d * d * d / (2 * d * d + sum * d * d * d + 1e-6);
        }
        for (std::size_t i = 0; i < layer.size; ++i) {
          cam[i] += mean * a[i];
          plus[i] += weight * a[i];
          hires[i] += g[i] * a[i];
          positive[i] += std::max(g[i], 0.0) * a[i];
          xgrad[i] += product / sum * a[i];
        }
      }
      expect_near(engine("grad_cam", s, {}, node).attribution.values, cam, 1e-4, "grad_cam");
      expect_near(engine("grad_cam_plus_plus", s, {}, node).attribution.values, plus, 1e-3, "grad_cam_plus_plus");
      expect_near(engine("hires_cam", s, {}, node).attribution.values, hires, 1e-4, "hires_cam");
      expect_near(engine("layer_cam", s, {}, node).attribution.values, positive, 1e-4, "layer_cam");
      expect_near(engine("xgrad_cam", s, {}, node).attribution.values, xgrad, 1e-3, "xgrad_cam");
      for (double& value : cam) value = std::max(value, 0.0);
      expect_near(engine("grad_cam", s, {{"positive_only", 1.0}}, node).attribution.values, cam, 1e-4, "relu");
    }
  }
}

// (h,w) to (height,width): half-pixel centres, bilinear, edges clamped.
Values enlarge(std::span<const double> map, int h, int w, int height, int width) {
  Values out;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double fy = std::clamp((y + 0.5) * h / height - 0.5, 0.0, h - 1.0);
      const double fx = std::clamp((x + 0.5) * w / width - 0.5, 0.0, w - 1.0);
      const int y0 = static_cast<int>(fy), x0 = static_cast<int>(fx);
      const int y1 = std::min(y0 + 1, h - 1), x1 = std::min(x0 + 1, w - 1);
      const auto at = [&](int row, int column) { return map[static_cast<std::size_t>(row * w + column)]; };
      out.push_back((1 - (fy - y0)) * ((1 - (fx - x0)) * at(y0, x0) + (fx - x0) * at(y0, x1)) +
                    (fy - y0) * ((1 - (fx - x0)) * at(y1, x0) + (fx - x0) * at(y1, x1)));
    }
  }
  return out;
}

TEST(AgainstOracle, CamsWithoutGradients) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = default_layer(*s.net.graph);
    const LayerOf layer = layer_at(plain, node);
    const nn::Shape& shape = s.net.graph->nodes()[static_cast<std::size_t>(node)].output;
    const nn::Shape& picture = s.net.graph->spec().input;
    test::MatrixNet net(*s.net.graph, s.net.weights);
    Values scores;
    for (std::size_t k = 0; k < layer.maps; ++k) {
      Values mask = enlarge(std::span(layer.value).subspan(k * layer.size, layer.size), shape.h(), shape.w(),
                            picture[1], picture[2]);
      const auto [low, high] = std::ranges::minmax(mask);
      for (double& value : mask) value = high > low ? (value - low) / (high - low) : 0.0;
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] *= mask[i % plain.plane];
      scores.push_back(plain.f(seen));
    }
    const double most = *std::ranges::max_element(scores);
    double total = 0.0;
    for (double& score : scores) total += score = std::exp(score - most);
    Values expected(layer.size, 0.0);
    for (std::size_t k = 0; k < layer.maps; ++k) {
      for (std::size_t i = 0; i < layer.size; ++i) expected[i] += scores[k] / total * layer.value[k * layer.size + i];
    }
    expect_near(engine("score_cam", s).attribution.values, expected, 1e-4, "score_cam");
  }
}

// Its own weights, by taking each channel out of the oracle's forward pass.
TEST(AgainstOracle, AblationCam) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = default_layer(*s.net.graph);
    const LayerOf layer = layer_at(plain, node);
    const double score = plain.f(plain.x);
    Values expected(layer.size, 0.0);
    for (std::size_t k = 0; k < layer.maps; ++k) {
      // The layer's weights of that channel at zero give nothing.
      test::Net without = s.net;
      const nn::Node& conv = s.net.graph->nodes()[static_cast<std::size_t>(node)];
      for (int id : conv.weights) {
        const nn::GraphWeight& weight = s.net.graph->weights()[static_cast<std::size_t>(id)];
        const std::size_t each = weight.shape.size() / layer.maps;
        std::fill_n(without.weights.begin() + static_cast<std::ptrdiff_t>(weight.offset + k * each), each, 0.0F);
      }
      const double lost = score - MatrixNet(*without.graph, without.weights).logit(plain.x, s.target);
      for (std::size_t i = 0; i < layer.size; ++i)
        expected[i] += lost / std::fabs(score) * layer.value[k * layer.size + i];
    }
    expect_near(engine("ablation_cam", s).attribution.values, expected, 1e-4, "ablation_cam");
  }
}

TEST(AgainstOracle, GuidedGradCam) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = default_layer(*s.net.graph);
    const nn::Shape& shape = s.net.graph->nodes()[static_cast<std::size_t>(node)].output;
    const nn::Shape& picture = s.net.graph->spec().input;
    const auto cam = engine("grad_cam", s, {{"positive_only", 1.0}}).attribution.values;
    const auto guided = engine("guided_backprop", s).attribution.values;
    Values expected;
    for (std::size_t i = 0; i < guided.size(); ++i) {
      const int at = static_cast<int>(i % plain.plane);
      const int row = static_cast<int>(std::floor((at / picture[2]) * static_cast<double>(shape.h()) / picture[1]));
      const int column = static_cast<int>(std::floor((at % picture[2]) * static_cast<double>(shape.w()) / picture[2]));
      expected.push_back(static_cast<double>(guided[i]) *
                         static_cast<double>(cam[static_cast<std::size_t>(row * shape.w() + column)]));
    }
    expect_near(engine("guided_grad_cam", s).attribution.values, expected, 1e-5, "guided_grad_cam");
  }
}

TEST(AgainstOracle, Occlusion) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    const int window = 4, stride = 3;
    const Values from = baseline(plain, 1, 0);
    Values sum(plain.plane, 0.0), count(plain.plane, 0.0);
    // Windows begin every `stride` pixels until one covers the last pixel.
    for (int top = 0;; top += stride) {
      for (int left = 0;; left += stride) {
        Values hidden = plain.x;
        const auto covers = [&](std::size_t i) {
          const int y = static_cast<int>(i % plain.plane) / shape[2];
          const int x = static_cast<int>(i % plain.plane) % shape[2];
          return y >= top && y < top + window && x >= left && x < left + window;
        };
        for (std::size_t i = 0; i < hidden.size(); ++i) {
          if (covers(i)) hidden[i] = from[i];
        }
        const double lost = plain.f(plain.x) - plain.f(hidden);
        for (std::size_t i = 0; i < plain.plane; ++i) {
          if (!covers(i)) continue;
          sum[i] += lost;
          count[i] += 1.0;
        }
        if (left + window >= shape[2]) break;
      }
      if (top + window >= shape[1]) break;
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] /= count[i];
    const auto found = engine("occlusion", s, {{"window", window}, {"stride", stride}, {"baseline", 1.0}});
    expect_near(found.attribution.values, sum, 1e-4, "occlusion");
  }
}

TEST(AgainstOracle, Rise) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    constexpr int kSamples = 60;
    const Values from = plain.black();
    Rows masks;
    Values scores;
    for (int n = 0; n < kSamples; ++n) {
      base::Rng rng(4, "rise", static_cast<std::uint64_t>(n));
      Values cells;
      for (int i = 0; i < 64; ++i) cells.push_back(rng.uniform() < 0.5 ? 1.0 : 0.0);
      const int cell_y = (shape[1] + 7) / 8, cell_x = (shape[2] + 7) / 8;
      const int down = static_cast<int>(rng.below(static_cast<std::uint32_t>(cell_y)));
      const int right = static_cast<int>(rng.below(static_cast<std::uint32_t>(cell_x)));
      const Values large = enlarge(cells, 8, 8, 9 * cell_y, 9 * cell_x);
      Values mask, seen = plain.x;
      for (int y = 0; y < shape[1]; ++y) {
        for (int x = 0; x < shape[2]; ++x)
          mask.push_back(large[static_cast<std::size_t>((y + down) * 9 * cell_x + x + right)]);
      }
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = from[i] + mask[i % plain.plane] * (plain.x[i] - from[i]);
      scores.push_back(plain.f(seen));
      masks.push_back(mask);
    }
    const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / kSamples;
    Values expected(plain.plane, 0.0);
    for (std::size_t i = 0; i < plain.plane; ++i) {
      for (std::size_t n = 0; n < masks.size(); ++n) expected[i] += (scores[n] - mean) * (masks[n][i] - 0.5);
      expected[i] /= kSamples * 0.5 * 0.5;
    }
    expect_near(engine("rise", s, {{"samples", kSamples}, {"seed", 4.0}}).attribution.values, expected, 1e-3, "rise");
  }
}

// The solution of a small linear system by Gauss and Jordan, with pivots.
Values solve(std::vector<Values> a, Values b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t best = c;
    for (std::size_t r = c; r < n; ++r) best = std::fabs(a[r][c]) > std::fabs(a[best][c]) ? r : best;
    std::swap(a[c], a[best]);
    std::swap(b[c], b[best]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = a[r][c] / a[c][c];
      for (std::size_t k = 0; k < n; ++k) a[r][k] -= factor * a[c][k];
      b[r] -= factor * b[c];
    }
  }
  for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
  return b;
}

// Six pieces: two rows and three columns, or three and two, of a picture of 9 x 8 or 8 x 8.
int piece_of(const nn::Shape& shape, std::size_t pixel, int rows, int columns) {
  const int y = static_cast<int>(pixel) / shape[2];
  const int x = static_cast<int>(pixel) % shape[2];
  return y * rows / shape[1] * columns + x * columns / shape[2];
}

TEST(AgainstOracle, Lime) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    constexpr int kSamples = 80;
    constexpr std::size_t kPieces = 9;
    const Values from = plain.black();
    base::Rng rng(6, "lime");
    std::vector<Values> a(kPieces + 1, Values(kPieces + 1, 0.0));
    Values b(kPieces + 1, 0.0), sizes(kPieces, 0.0);
    for (std::size_t i = 0; i < plain.plane; ++i) sizes[static_cast<std::size_t>(piece_of(shape, i, 3, 3))] += 1.0;
    for (int n = 0; n < kSamples; ++n) {
      Values row{1.0};
      for (std::size_t k = 0; k < kPieces; ++k) row.push_back(n == 0 || rng.uniform() < 0.5 ? 1.0 : 0.0);
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (row[1 + static_cast<std::size_t>(piece_of(shape, i % plain.plane, 3, 3))] == 0.0) seen[i] = from[i];
      }
      // cosine of the selection and of all ones
      const double shown = std::accumulate(row.begin() + 1, row.end(), 0.0);
      const double cosine = shown == 0.0 ? 0.0 : shown / (std::sqrt(shown) * std::sqrt(static_cast<double>(kPieces)));
      const double weight = std::sqrt(std::exp(-(1 - cosine) * (1 - cosine) / (0.25 * 0.25)));
      const double score = plain.f(seen);
      for (std::size_t i = 0; i < row.size(); ++i) {
        for (std::size_t j = 0; j < row.size(); ++j) a[i][j] += weight * row[i] * row[j];
        b[i] += weight * row[i] * score;
      }
    }
    for (std::size_t i = 1; i <= kPieces; ++i) a[i][i] += 1.0;
    const Values found = solve(a, b);
    Values expected;
    for (std::size_t i = 0; i < plain.plane; ++i) {
      const auto k = static_cast<std::size_t>(piece_of(shape, i, 3, 3));
      expected.push_back(found[k + 1] / sizes[k]);
    }
    const Params params{{"pieces", kPieces}, {"samples", kSamples}, {"seed", 6.0}};
    expect_near(engine("lime", s, params).attribution.values, expected, 1e-3, "lime");
  }
}

// By its first definition: what a piece adds, averaged over every order in which the pieces may come.
TEST(AgainstOracle, ShapleyValues) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    const Values from = plain.black();
    constexpr std::size_t kPieces = 4;
    const auto score = [&](const std::vector<bool>& shown) {
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!shown[static_cast<std::size_t>(piece_of(shape, i % plain.plane, 2, 2))]) seen[i] = from[i];
      }
      return plain.f(seen);
    };
    std::vector<std::size_t> order{0, 1, 2, 3};
    Values added(kPieces, 0.0), sizes(kPieces, 0.0);
    double orders = 0.0;
    do {
      std::vector<bool> shown(kPieces, false);
      for (std::size_t piece : order) {
        const double before = score(shown);
        shown[piece] = true;
        added[piece] += score(shown) - before;
      }
      orders += 1.0;
    } while (std::ranges::next_permutation(order).found);
    for (std::size_t i = 0; i < plain.plane; ++i) sizes[static_cast<std::size_t>(piece_of(shape, i, 2, 2))] += 1.0;
    Values expected;
    for (std::size_t i = 0; i < plain.plane; ++i) {
      const auto k = static_cast<std::size_t>(piece_of(shape, i, 2, 2));
      expected.push_back(added[k] / orders / sizes[k]);
    }
    const Explanation found = engine("kernel_shap", s, {{"pieces", kPieces}});
    expect_near(found.attribution.values, expected, 1e-4, "kernel_shap");
    EXPECT_LE(found.completeness_error, 1e-5);
  }
}

// Sampled: with every selection of 13 to 16 pieces drawn often enough, close to the exact values; and always complete.
TEST(AgainstOracle, SampledShapleyValuesComeClose) {
  const test::Net net = test::chain_net(8);
  nn::Session session = net.session();
  const Explanation exact = run_method("kernel_shap", session, net, 1, {{"pieces", 12.0}});
  const Explanation few = run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 40.0}});
  const Explanation many = run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 20000.0}});
  for (const Explanation* found : {&exact, &few, &many}) EXPECT_LE(found->completeness_error, 1e-4);
  const Explanation other =
      run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 20000.0}, {"seed", 9.0}});
  double largest = 0.0, apart = 0.0;
  for (std::size_t i = 0; i < many.attribution.values.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(many.attribution.values[i])));
    apart = std::max(apart, std::fabs(static_cast<double>(many.attribution.values[i] - other.attribution.values[i])));
  }
  EXPECT_LE(apart, 0.05 * largest);
}

// LRP in matrix form, each rule written out; a batch norm's matrix is multiplied into that of the convolution before
// it.
class MatrixLrp {
 public:
  enum class Rule { epsilon, z_plus, alpha_beta, gamma, z_box, flat, w_square };

  MatrixLrp(const Plain& plain, std::function<Rule(const nn::Node&, bool first)> choose)
      : plain_(plain), choose_(std::move(choose)), values_(plain.net.forward(plain.x)) {}

  Values run() {
    const double score =
        values_[static_cast<std::size_t>(graph().logits())][static_cast<std::size_t>(plain_.subject.target)];
    return plain_.net.backward(values_, plain_.subject.target, score,
                               [&](const auto& step) { return hand_back(step); });
  }

 private:
  [[nodiscard]] const nn::Graph& graph() const { return *plain_.subject.net.graph; }
  static double stab(double z) { return z + (z >= 0.0 ? 1e-6 : -1e-6); }
  static double plus(double v) { return std::max(v, 0.0); }
  static double minus(double v) { return std::min(v, 0.0); }

  Rows hand_back(const MatrixNet::Step& step) {
    const std::string_view op = step.of.op->name;
    const Values& x = values_[static_cast<std::size_t>(step.of.inputs[0])];
    if (op == "relu" || op == "batch_norm" || op == "softmax") return {step.got};
    if (op == "max_pool" || op == "flatten") return plain_.net.calculus(step);
    if (op == "add") {
      const Values& y = values_[static_cast<std::size_t>(step.of.inputs[1])];
      Rows out{Values(x.size()), Values(x.size())};
      for (std::size_t i = 0; i < x.size(); ++i) {
        out[0][i] = x[i] * step.got[i] / stab(x[i] + y[i]);
        out[1][i] = y[i] * step.got[i] / stab(x[i] + y[i]);
      }
      return out;
    }
    const bool layer = op == "conv2d" || op == "linear";
    const Affine m = merged(step.node);
    if (!layer) return {epsilon(m, x, step.got)};
    switch (choose_(step.of, step.of.inputs[0] == 0)) {
      case Rule::epsilon:
        return {epsilon(m, x, step.got)};
      case Rule::z_plus:
        return {signed_part(m, x, step.got, false)};
      case Rule::alpha_beta: {
        Values out = signed_part(m, x, step.got, false);
        const Values against = signed_part(m, x, step.got, true);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = 2.0 * out[i] - against[i];
        return {out};
      }
      case Rule::gamma:
        return {gamma(m, x, step.got)};
      case Rule::z_box:
        return {z_box(m, x, step.got)};
      case Rule::flat:
        return {square_or_flat(m, x, step.got, true)};
      case Rule::w_square:
        return {square_or_flat(m, x, step.got, false)};
    }
    return {};
  }

  // The batch norm that alone follows a convolution.
  Affine merged(int node) const {
    Affine m = *plain_.net.affine(node);
    const auto& nodes = graph().nodes();
    if (nodes[static_cast<std::size_t>(node)].op->name != "conv2d") return m;
    int reader = -1;
    int readers = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (std::ranges::find(nodes[i].inputs, node) == nodes[i].inputs.end()) continue;
      reader = static_cast<int>(i);
      ++readers;
    }
    if (readers != 1 || nodes[static_cast<std::size_t>(reader)].op->name != "batch_norm") return m;
    const Affine& norm = *plain_.net.affine(reader);  // diagonal
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const double scale = norm.at(o, o);
      for (std::size_t i = 0; i < m.inputs; ++i) m.matrix[o * m.inputs + i] *= scale;
      m.bias[o] = m.bias[o] * scale + norm.bias[o];
    }
    return m;
  }

  static Values epsilon(const Affine& m, const Values& x, const Values& r) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double z = m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) z += m.at(o, i) * x[i];
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += m.at(o, i) * x[i] * r[o] / stab(z);
    }
    return out;
  }
  // Products of one sign alone: those above zero, or below.
  static Values signed_part(const Affine& m, const Values& x, const Values& r, bool below) {
    const auto part = [below](double v) { return below ? minus(v) : plus(v); };
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double z = part(m.bias[o]);
      for (std::size_t i = 0; i < m.inputs; ++i) z += part(m.at(o, i) * x[i]);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += part(m.at(o, i) * x[i]) * r[o] / stab(z);
    }
    return out;
  }
  // z = sum of x w + 0.25 of those products that have the output's own sign, and of such a bias.
  static Values gamma(const Affine& m, const Values& x, const Values& r) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double real = m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) real += m.at(o, i) * x[i];
      if (real == 0.0) continue;
      const auto raised = [&](double v) { return v + 0.25 * (real > 0.0 ? plus(v) : minus(v)); };
      double z = raised(m.bias[o]);
      for (std::size_t i = 0; i < m.inputs; ++i) z += raised(m.at(o, i) * x[i]);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += raised(m.at(o, i) * x[i]) * r[o] / stab(z);
    }
    return out;
  }
  Values z_box(const Affine& m, const Values& x, const Values& r) const {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const auto share = [&](std::size_t i) {
        const double low = plain_.subject.black[i / plain_.plane];
        const double high = plain_.subject.white[i / plain_.plane];
        return m.at(o, i) * x[i] - low * plus(m.at(o, i)) - high * minus(m.at(o, i));
      };
      double z = 0.0;
      for (std::size_t i = 0; i < m.inputs; ++i) z += share(i);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += share(i) * r[o] / stab(z);
    }
    return out;
  }
  // Whether an input is connected with an output at all is where its weight is not zero.
  static Values square_or_flat(const Affine& m, const Values&, const Values& r, bool flat) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const auto share = [&](std::size_t i) {
        const double w = m.at(o, i);
        return flat ? (std::fabs(w) > 1e-12 ? 1.0 : 0.0) : w * w;
      };
      double z = flat ? 0.0 : m.bias[o] * m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) z += share(i);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += share(i) * r[o] / stab(z);
    }
    return out;
  }

  const Plain& plain_;
  std::function<Rule(const nn::Node&, bool)> choose_;
  Rows values_;
};

TEST(AgainstOracle, Relevance) {
  using Rule = MatrixLrp::Rule;
  const auto conv = [](const nn::Node& node) { return node.op->name == "conv2d"; };
  struct Case {
    Params params;
    std::function<Rule(const nn::Node&, bool)> choose;
  };
  const auto all = [](Rule rule) { return [rule](const nn::Node&, bool) { return rule; }; };
  const std::vector<Case> cases{
      {{}, [&](const nn::Node& n, bool) { return conv(n) ? Rule::z_plus : Rule::epsilon; }},
      {{{"composite", 1.0}},
       [&](const nn::Node& n, bool first) { return first     ? Rule::flat
                                                   : conv(n) ? Rule::z_plus
                                                             : Rule::epsilon; }},
      {{{"composite", 2.0}},
       [&](const nn::Node& n, bool first) { return !conv(n) ? Rule::epsilon
                                                   : first  ? Rule::z_box
                                                            : Rule::gamma; }},
      {{{"rule", 1.0}}, all(Rule::epsilon)},
      {{{"rule", 2.0}}, all(Rule::z_plus)},
      {{{"rule", 3.0}}, all(Rule::alpha_beta)},
      {{{"rule", 4.0}}, all(Rule::gamma)},
      {{{"rule", 5.0}}, [](const nn::Node&, bool first) { return first ? Rule::z_box : Rule::epsilon; }},
      {{{"rule", 6.0}}, all(Rule::flat)},
      {{{"rule", 7.0}}, all(Rule::w_square)}};
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    for (std::size_t c = 0; c < cases.size(); ++c) {
      const Values expected = MatrixLrp(plain, cases[c].choose).run();
      expect_near(engine("lrp", s, cases[c].params).attribution.values, expected, 2e-3, "case " + std::to_string(c));
    }
  }
}

// Without biases nothing is lost on the way, whichever rule that conserves is taken.
TEST(Relevance, IsConservedWithoutBiases) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const test::Net net = test::chain_net(seed, false);
    nn::Session session = net.session();
    session.forward();
    const double score = static_cast<double>(session.logits().data[1]);
    for (const double rule : {1.0, 6.0, 7.0}) {
      const Explanation found = run_method("lrp", net, 1, {{"rule", rule}, {"epsilon", 1e-9}});
      double sum = 0.0;
      for (float value : found.attribution.values) sum += static_cast<double>(value);
      EXPECT_NEAR(sum, score, 1e-3 * std::fabs(score)) << rule;
    }
  }
}

TEST(AgainstOracle, DeepLift) {
  for (const Subject& s : subjects()) {
    if (has_op(s.net, "softmax")) continue;
    const Plain plain(s);
    for (const int kind : {0, 1, 2, 3}) {
      const Values from = baseline(plain, kind, 0);
      const auto here = plain.net.forward(plain.x);
      const auto there = plain.net.forward(from);
      const auto rule = [&](const MatrixNet::Step& step) -> Rows {
        const auto source = static_cast<std::size_t>(step.of.inputs[0]);
        const auto node = static_cast<std::size_t>(step.node);
        const Values& x = here[source];
        const Values& b = there[source];
        if (step.of.op->name == "relu") {
          const Values slopes = plain.net.calculus(step)[0];
          Values out(x.size());
          for (std::size_t i = 0; i < x.size(); ++i) {
            const double in = x[i] - b[i];
            out[i] = std::fabs(in) < 1e-6 ? slopes[i] : step.got[i] * (here[node][i] - there[node][i]) / in;
          }
          return {out};
        }
        if (step.of.op->name == "max_pool") {
          Values moved(x.size(), 0.0);
          const auto won = plain.net.winners(step.node, x);
          for (std::size_t i = 0; i < won.size(); ++i) {
            const double most = std::max(here[node][i], there[node][i]);
            moved[won[i]] += step.got[i] * (most - there[node][i]);
            // All that are as large at the baseline, in equal shares.
            const auto tied = plain.net.tied(step.node, b, i, 1e-4);
            for (std::size_t at : tied)
              moved[at] += step.got[i] * (here[node][i] - most) / static_cast<double>(tied.size());
          }
          const Values slopes = plain.net.calculus(step)[0];
          for (std::size_t i = 0; i < x.size(); ++i) {
            const double in = x[i] - b[i];
            moved[i] = std::fabs(in) < 1e-6 ? slopes[i] : moved[i] / in;
          }
          return {moved};
        }
        return plain.net.calculus(step);
      };
      Values expected = plain.net.backward(here, s.target, 1.0, rule);
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= plain.x[i] - from[i];
      const Explanation found = engine("deep_lift", s, {{"baseline", kind}});
      expect_near(found.attribution.values, expected, 1e-3, "baseline " + std::to_string(kind));
      EXPECT_LE(found.completeness_error, 1e-4);
    }
  }
}

// One hidden layer of ReLUs: the same as integrated gradients.
TEST(DeepLift, OfOneHiddenLayerIsIntegratedGradients) {
  test::SpecBuilder spec({1, 4, 5});
  spec.add("flatten", "flatten").linear("fc1", 12).add("relu", "relu").linear("fc2", 3);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const test::Net net = test::random_net(spec.spec(), seed);
    const auto expected = run_method("integrated_gradients", net, 1, {{"mode", 1.0}}).attribution.values;
    expect_near(run_method("deep_lift", net, 1).attribution.values, widen(expected), 1e-5, "seed");
  }
}

}  // namespace
}  // namespace weightroom::explain
