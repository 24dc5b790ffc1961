// gradient_shap: the mean of (x - b) d f / d x at b + u (x - b) over baselines b drawn from a set and places u drawn
// from [0, 1], one a sample (Lundberg and Lee 2017; Erion et al. 2021 call it expected gradients). Of a layer l, as
// Captum's LayerGradientShap has it: (l(x) - l(b)) d f / d l at the same point between the pictures.
#include <algorithm>

#include <strings/choice.h>
#include <strings/method.h>
#include <strings/param.h>

#include "base/rng.h"
#include "explain/baseline.h"
#include "explain/costs.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

// black, each sample another noise, and so on; and `any`: black, mean, blurred and noise in turn, as chance has it.
constexpr int kAny = 5;

ParamSpec set_param() {
  ParamSpec spec = baseline_param();
  spec.choices.push_back({"any", text::choice_any});
  spec.maximum = kAny;
  spec.fallback = kAny;
  return spec;
}

std::vector<float> draw_baseline(const MethodInput& input, base::Rng& rng, std::uint64_t seed, std::uint64_t sample) {
  const int given = input.count("baseline");
  const auto kind = given == kAny ? rng.below(4) : static_cast<std::uint32_t>(given);
  return baseline_of(input, static_cast<Baseline>(kind), seed, sample);
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const int samples = input.count("samples");
  const auto seed = static_cast<std::uint64_t>(input.param("seed"));
  const auto [low, high] = std::ranges::minmax(input.input);
  const double deviation = input.param("sigma") * (static_cast<double>(high) - static_cast<double>(low));
  Explanation& found = output.explanation;
  std::vector<double> sum(found.attribution.values.size(), 0.0);
  std::vector<float> point(input.input.size());
  std::vector<double> way(point.size());
  std::vector<float> end(point.size());
  std::vector<double> layer_way;
  for (int n = 0; n < samples; ++n) {
    base::Rng rng(seed, "gradient_shap", static_cast<std::uint64_t>(n));
    const std::vector<float> baseline = draw_baseline(input, rng, seed, static_cast<std::uint64_t>(n));
    const double place = rng.uniform();
    for (std::size_t i = 0; i < point.size(); ++i) {
      const auto from = static_cast<double>(baseline[i]);
      way[i] = static_cast<double>(input.input[i]) - from;
      if (deviation > 0.0) way[i] += deviation * rng.normal();
      point[i] = static_cast<float>(from + place * way[i]);
      end[i] = static_cast<float>(from + way[i]);
    }
    if (input.of_layer >= 0) {
      (void)co_await pass.logit(end);
      const auto there = input.session.activation(input.of_layer).values();
      layer_way.assign(there.begin(), there.end());
      (void)co_await pass.logit(baseline);
      const auto here = input.session.activation(input.of_layer).values();
      for (std::size_t i = 0; i < layer_way.size(); ++i) layer_way[i] -= static_cast<double>(here[i]);
    }
    const std::vector<double>& apart = input.of_layer >= 0 ? layer_way : way;
    const auto gradient = co_await pass.gradient_by(input.of_layer, point);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += apart[i] * static_cast<double>(gradient[i]);
      found.attribution.values[i] = static_cast<float>(sum[i] / (n + 1));
    }
    output.progress = static_cast<double>(n + 1) / samples;
  }
}

}  // namespace

MethodDef gradient_shap_method() {
  return {.name = "gradient_shap",
          .title = text::method_gradient_shap_title,
          .plain = text::method_gradient_shap_plain,
          .summary = text::method_gradient_shap_summary,
          .paper = "Lundberg, Lee: A unified approach to interpreting model predictions, 2017",
          .params = {{"samples", text::param_samples, text::param_points_help, 1.0, 500.0, 25.0, true},
                     {"sigma", text::param_sigma, text::param_sigma_help, 0.0, 1.0, 0.0, false},
                     set_param(),
                     seed_param(text::param_seed_points_help)},
          .axioms = {.dummy = true, .implementation = true, .linear = true},
          .takes_layer = true,
          .passes = gradient_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
