// blur_ig: integrated gradients along the picture's way out of a blur (Xu et al. 2020):
//   - sum over i of step_i (blur(x, s_i + 0.01) - blur(x, s_i)) / 0.01 * d f / d x at blur(x, s_i), s_i = i * max / n,
// a left Riemann sum, as their code has it; beyond the edge lies nothing (scipy's mode "constant"). Of a layer l along
// the same way of pictures: l(blur(x, s)) for blur(x, s), and d f / d l.
#include <algorithm>

#include <strings/method.h>
#include <strings/param.h>

#include "explain/baseline.h"
#include "explain/blur.h"
#include "explain/costs.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

constexpr double kShift = 0.01;    // of sigma, for its derivative
constexpr double kLargest = 0.25;  // of the longer side, where no largest blur is given

std::vector<float> to_float(const std::vector<double>& values) {
  std::vector<float> out(values.size());
  std::ranges::transform(values, out.begin(), [](double v) { return static_cast<float>(v); });
  return out;
}

std::vector<double> output_of(const MethodInput& input) {
  const auto values = input.session.activation(input.of_layer).values();
  return {values.begin(), values.end()};
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const nn::Shape& shape = input.graph().spec().input;
  const int steps = input.count("steps");
  const double given = input.param("max_sigma");
  const double most = given > 0.0 ? given : kLargest * std::max(shape[1], shape[2]);
  const double width = most / steps;
  Explanation& found = output.explanation;
  std::vector<double> sum(found.attribution.values.size(), 0.0);
  for (int i = 0; i < steps; ++i) {
    const double sigma = width * i;
    std::vector<double> here = gaussian_blur(input.input, shape, sigma, Edge::zero);
    std::vector<double> there = gaussian_blur(input.input, shape, sigma + kShift, Edge::zero);
    const std::vector<float> picture = to_float(here);
    if (input.of_layer >= 0) {
      const std::vector<float> shifted = to_float(there);
      (void)co_await pass.logit(shifted);
      there = output_of(input);
      (void)co_await pass.logit(picture);
      here = output_of(input);
    }
    const auto gradient = co_await pass.gradient_by(input.of_layer, picture);
    for (std::size_t k = 0; k < sum.size(); ++k) {
      sum[k] -= width * ((there[k] - here[k]) / kShift) * static_cast<double>(gradient[k]);
      found.attribution.values[k] = static_cast<float>(sum[k]);
    }
    output.progress = static_cast<double>(i + 1) / (steps + 1);
  }
  double difference = static_cast<double>(co_await pass.logit(input.input));
  difference -= static_cast<double>(co_await pass.logit(to_float(gaussian_blur(input.input, shape, most, Edge::zero))));
  found.completeness_error = completeness_error(found.attribution, difference);
}

double passes(const Setting& setting) { return 2.0 + kGradient * setting.param("steps"); }

}  // namespace

MethodDef blur_ig_method() {
  return {.name = "blur_ig",
          .title = text::method_blur_ig_title,
          .plain = text::method_blur_ig_plain,
          .summary = text::method_blur_ig_summary,
          .paper = "Xu, Venugopalan, Sundararajan: Attribution in scale and space, 2020",
          .params = {{"steps", text::param_steps, text::param_blur_steps_help, 1.0, 1000.0, 100.0, true},
                     {"max_sigma", text::param_max_sigma, text::param_max_sigma_help, 0.0, 200.0, 0.0, false,
                      text::param_quarter_of_the_picture}},
          .axioms = {.dummy = true, .implementation = true, .linear = true},
          .takes_layer = true,
          .passes = passes,
          .run = run};
}

}  // namespace weightroom::explain
