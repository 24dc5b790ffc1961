// integrated_gradients: (x - b) times the integral over a in [0, 1] of d f / d x at b + a (x - b) (Sundararajan et al.
// 2017). By Gauss-Legendre: on a ReLU net the integrand has jumps, so the error falls like 1 / n only; unless a number
// of steps is given, n doubles until the attributions account for f(x) - f(b). Or exactly: where all ReLUs and maxima
// of two points decide alike, so do those between them (the regions are convex), and the gradient there is constant;
// the way is halved until it is in such pieces.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>

#include <strings/choice.h>
#include <strings/method.h>
#include <strings/param.h>

#include "base/language.h"
#include "explain/baseline.h"
#include "explain/costs.h"
#include "explain/pass.h"
#include "explain/path.h"
#include "explain/quadrature.h"

namespace weightroom::explain {
namespace {

constexpr int kFirstSteps = 32;
constexpr int kLastSteps = 512;
constexpr std::size_t kMostPieces = 4096;  // gradients of the exact mode
constexpr double kShortest = 1e-7;         // piece of the way: shorter ones hold hardly a float
constexpr double kTolerance = 5e-3;

Sentence miss(int steps, double error) {
  return {text::method_shares_miss, {{"n", steps}, {"error", base::percent(error, error < 0.1 ? 1 : 0)}}};
}

std::vector<float> output_of(const MethodInput& input) {
  const auto values = input.session.activation(input.of_layer).values();
  return {values.begin(), values.end()};
}

// Of a layer the way is that of its output, from what it gives for the baseline to what it gives for the picture; what
// goes past the layer stays the picture's.
base::Task by_quadrature(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  Explanation& found = output.explanation;
  std::vector<float> baseline = baseline_of(input);
  std::vector<float> end = input.input;
  const bool of_layer = input.of_layer >= 0;
  double difference = static_cast<double>(co_await pass.logit(input.input));
  if (of_layer) {
    end = output_of(input);
    (void)co_await pass.logit(baseline);
    baseline = output_of(input);
    (void)co_await pass.logit(input.input);
    difference -= static_cast<double>(co_await pass.logit_with(input.of_layer, baseline));
  } else {
    difference -= static_cast<double>(co_await pass.logit(baseline));
  }
  Path path(end, std::move(baseline));
  const int given = input.count("steps");
  const double units = given == 0 ? 2 * kLastSteps - kFirstSteps : given;  // at worst
  double done = 0.0;
  for (int steps = given == 0 ? kFirstSteps : given;; steps *= 2) {
    const Quadrature rule = gauss_legendre(steps);
    path.clear();
    for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
      const auto point = path.at(rule.nodes[k]);
      auto gradient = of_layer ? pass.gradient_with(input.of_layer, point) : pass.input_gradient(point);
      path.add(rule.weights[k], co_await gradient);
      output.progress = ++done / (units + 1.0);
      // A first look while there is no finished rule: the mean of the gradients met so far.
      if (std::isnan(found.completeness_error)) path.show(found.attribution.values, 1.0 / path.weight());
    }
    path.show(found.attribution.values, 1.0);
    const double error = completeness_error(found.attribution, difference);
    found.completeness_error = error;
    const bool last = given != 0 || steps >= kLastSteps;
    if (error <= kTolerance) co_return;
    if (!std::isfinite(error)) {
      found.note = Sentence(text::method_shares_overflow);
      co_return;
    }
    if (last) {
      found.note = miss(steps, error);
      co_return;
    }
  }
}

// A piece of the way not yet looked into, and the pattern of decisions at its two ends.
struct Piece {
  double from = 0.0;
  double to = 1.0;
  std::uint64_t pattern_from = 0;
  std::uint64_t pattern_to = 0;
};

base::Task exactly(const MethodInput& input, MethodOutput& output) {
  Path path(input, baseline_of(input));
  TargetPass pass(input.session, input.target);
  Explanation& found = output.explanation;
  double difference = static_cast<double>(co_await pass.logit(input.input));
  difference -= static_cast<double>(co_await pass.logit(path.baseline()));
  Decisions decisions;
  (void)co_await pass.input_gradient(path.at(0.0), decisions.rule());
  const std::uint64_t first = decisions.take();
  (void)co_await pass.input_gradient(path.at(1.0), decisions.rule());
  std::deque<Piece> pieces{{0.0, 1.0, first, decisions.take()}};  // the longest first
  std::size_t gradients = 2;
  double covered = 0.0;
  while (!pieces.empty()) {
    const Piece piece = pieces.front();
    pieces.pop_front();
    const double length = piece.to - piece.from;
    const double middle = 0.5 * (piece.from + piece.to);
    const auto gradient = co_await pass.input_gradient(path.at(middle), decisions.rule());
    const std::uint64_t pattern = decisions.take();
    ++gradients;
    const bool whole = piece.pattern_from == piece.pattern_to && pattern == piece.pattern_from;
    // Too short to matter, or out of patience: the middle speaks for all of it.
    if (whole || length < kShortest || gradients + pieces.size() >= kMostPieces) {
      path.add(length, gradient);
      covered += length;
      output.progress = covered;
      path.show(found.attribution.values, 1.0 / covered);
    } else {
      pieces.push_back({middle, piece.to, pattern, piece.pattern_to});
      pieces.push_back({piece.from, middle, piece.pattern_from, pattern});
    }
  }
  path.show(found.attribution.values, 1.0);
  found.completeness_error = completeness_error(found.attribution, difference);
  if (!decisions.piecewise_linear())
    found.note = Sentence(text::method_no_straight_piece);
  else if (found.completeness_error > kTolerance)
    found.note = miss(static_cast<int>(gradients), found.completeness_error);
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  return input.count("mode") == 0 || input.of_layer >= 0 ? by_quadrature(input, output) : exactly(input, output);
}

double passes(const Setting& setting) {
  if (setting.count("mode") == 1) return kGradient * static_cast<double>(kMostPieces);
  const int steps = setting.count("steps");
  return 2.0 + kGradient * (steps == 0 ? kFirstSteps : steps);
}

bool idle(const Setting& setting, std::string_view param) {
  if (param == "seed") return static_cast<Baseline>(setting.count("baseline")) != Baseline::noise;
  return param == "steps" && setting.count("mode") == 1;
}

}  // namespace

MethodDef integrated_gradients_method() {
  return {.name = "integrated_gradients",
          .title = text::method_integrated_gradients_title,
          .plain = text::method_integrated_gradients_plain,
          .summary = text::method_integrated_gradients_summary,
          .paper = "Sundararajan, Taly, Yan: Axiomatic attribution for deep networks, 2017",
          .params = {{"steps", text::param_steps, text::param_path_steps_help, 0.0, 1000.0, 0.0, true,
                      text::param_as_many_as_needed},
                     baseline_param(),
                     choice_param("mode", text::param_mode, text::param_mode_help,
                                  {{"quadrature", text::choice_quadrature}, {"exact", text::choice_exact}}),
                     seed_param(text::param_seed_baseline_help)},
          .axioms = {.complete = true, .dummy = true, .implementation = true, .linear = true},
          .takes_layer = true,
          .passes = passes,
          .idle = idle,
          .run = run};
}

}  // namespace weightroom::explain
