// lime: a linear model of the score in which pieces of the picture are shown, fitted to random selections; those that
// show more of the picture weigh more (Ribeiro et al. 2016). As their code has it: the first selection shows all, each
// piece is shown by half; weight sqrt(exp(-d^2 / 0.25^2)), d the cosine distance to showing all; ridge of 1, the
// constant term free. What each piece adds to the score is shared out among its pixels.
#include <cmath>

#include <strings/method.h>
#include <strings/param.h>

#include "base/math.h"
#include "base/rng.h"
#include "explain/baseline.h"
#include "explain/costs.h"
#include "explain/least_squares.h"
#include "explain/pass.h"
#include "explain/segments.h"

namespace weightroom::explain {
namespace {

constexpr double kKernel = 0.25;
constexpr double kRidge = 1.0;

double weight_of(double shown, double pieces) {
  const double distance = 1.0 - (shown > 0.0 ? std::sqrt(shown / pieces) : 0.0);
  return std::sqrt(base::exp(-distance * distance / (kKernel * kKernel)));
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const Segments segments = segments_of(input);
  const std::vector<float> baseline = baseline_of(input);
  const auto pieces = static_cast<std::size_t>(segments.count);
  const int samples = input.count("samples");
  base::Rng rng(static_cast<std::uint64_t>(input.param("seed")), "lime");
  LeastSquares fit(pieces + 1);
  std::vector<bool> shown(pieces, true);
  std::vector<double> row(pieces + 1, 1.0);
  std::vector<float> seen;
  for (int n = 0; n < samples; ++n) {
    double count = 0.0;
    for (std::size_t i = 0; i < pieces; ++i) {
      shown[i] = n == 0 || rng.uniform() < 0.5;
      row[i + 1] = shown[i] ? 1.0 : 0.0;
      count += row[i + 1];
    }
    hide(input, baseline, segments, shown, seen);
    fit.add(row, static_cast<double>(co_await pass.logit(seen)), weight_of(count, static_cast<double>(pieces)));
    output.progress = static_cast<double>(n + 1) / samples;
    if (n + 1 < samples && n % 64 != 63) continue;           // solving costs as much as many a pass
    const std::vector<double> found = fit.solve(kRidge, 1);  // the constant term first
    spread(segments, std::span(found).subspan(1), output.explanation.attribution.values);
  }
}

std::vector<ParamSpec> params() {
  std::vector<ParamSpec> all = segment_params(64.0);
  all.push_back({"samples", text::param_samples, text::param_selections_help, 1.0, 20'000.0, 1000.0, true});
  all.push_back(baseline_param());
  all.push_back(seed_param(text::param_seed_selections_help));
  return all;
}

}  // namespace

MethodDef lime_method() {
  return {.name = "lime",
          .title = text::method_lime_title,
          .plain = text::method_lime_plain,
          .summary = text::method_lime_summary,
          .paper = "Ribeiro, Singh, Guestrin: Why should I trust you?, 2016",
          .family = Family::perturbation,
          .params = params(),
          .axioms = {.implementation = true, .linear = true},
          .size = MapSize::pixels,
          .passes = one_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
