// kernel_shap: Shapley values of pieces of the picture (Lundberg and Lee 2017): the score that a piece adds, averaged
// over all orders in which the pieces may come. Exact by enumeration for up to 12 pieces; else the least squares that
// they solve, of random selections whose sizes k come with weight (M - 1) / (k (M - k)), each with its opposite, under
// the condition that the values sum to f(x) - f(baseline).
#include <bit>
#include <cmath>

#include <strings/method.h>
#include <strings/param.h>

#include "base/rng.h"
#include "explain/baseline.h"
#include "explain/least_squares.h"
#include "explain/pass.h"
#include "explain/segments.h"

namespace weightroom::explain {
namespace {

constexpr int kMostExact = 12;

// values of f by selection (bit i: piece i is shown); the Shapley value of every piece.
std::vector<double> shapley(const std::vector<double>& values, int pieces) {
  // k! (M - k - 1)! / M! for a selection of k others
  std::vector<double> shares(static_cast<std::size_t>(pieces));
  double binomial = 1.0;  // M - 1 over k
  for (int k = 0; k < pieces; ++k) {
    shares[static_cast<std::size_t>(k)] = 1.0 / (pieces * binomial);
    binomial = binomial * (pieces - 1 - k) / (k + 1);
  }
  std::vector<double> out(static_cast<std::size_t>(pieces), 0.0);
  for (std::size_t set = 0; set < values.size(); ++set) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if ((set >> i & 1U) != 0) continue;
      out[i] +=
          shares[static_cast<std::size_t>(std::popcount(set))] * (values[set | std::size_t{1} << i] - values[set]);
    }
  }
  return out;
}

// The fit with the last piece's value eliminated by the condition.
class Fit {
 public:
  Fit(std::size_t pieces, double nothing, double all)
      : nothing_(nothing), difference_(all - nothing), squares_(pieces - 1), row_(pieces - 1) {}
  void add(const std::vector<bool>& shown, double score) {
    const double last = shown.back() ? 1.0 : 0.0;
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = (shown[i] ? 1.0 : 0.0) - last;
    squares_.add(row_, score - nothing_ - last * difference_, 1.0);
  }
  [[nodiscard]] std::vector<double> solve() const {
    constexpr double kRidge = 1e-9;  // for what too few selections leave open
    std::vector<double> out = squares_.solve(kRidge);
    double sum = 0.0;
    for (double value : out) sum += value;
    out.push_back(difference_ - sum);
    return out;
  }

 private:
  double nothing_;
  double difference_;
  LeastSquares squares_;
  std::vector<double> row_;
};

// How many pieces a selection shows, by the kernel's weights.
std::size_t draw_size(base::Rng& rng, std::size_t pieces) {
  double total = 0.0;
  const auto weight = [pieces](std::size_t k) {
    return static_cast<double>(pieces - 1) / (static_cast<double>(k) * static_cast<double>(pieces - k));
  };
  for (std::size_t k = 1; k < pieces; ++k) total += weight(k);
  double at = rng.uniform() * total;
  for (std::size_t k = 1; k + 1 < pieces; ++k) {
    at -= weight(k);
    if (at < 0.0) return k;
  }
  return pieces - 1;
}

base::Task exactly(const MethodInput& input, MethodOutput& output, Segments segments) {
  TargetPass pass(input.session, input.target);
  const std::vector<float> baseline = baseline_of(input);
  const auto pieces = static_cast<std::size_t>(segments.count);
  std::vector<double> values(std::size_t{1} << pieces);
  std::vector<bool> shown(pieces);
  std::vector<float> seen;
  for (std::size_t set = 0; set < values.size(); ++set) {
    for (std::size_t i = 0; i < pieces; ++i) shown[i] = (set >> i & 1U) != 0;
    hide(input, baseline, segments, shown, seen);
    values[set] = static_cast<double>(co_await pass.logit(seen));
    output.progress = static_cast<double>(set + 1) / static_cast<double>(values.size());
  }
  Explanation& found = output.explanation;
  spread(segments, shapley(values, segments.count), found.attribution.values);
  found.completeness_error = completeness_error(found.attribution, values.back() - values.front());
}

base::Task by_samples(const MethodInput& input, MethodOutput& output, Segments segments) {
  TargetPass pass(input.session, input.target);
  const std::vector<float> baseline = baseline_of(input);
  const auto pieces = static_cast<std::size_t>(segments.count);
  const int samples = input.count("samples");
  const auto nothing = static_cast<double>(co_await pass.logit(baseline));
  const auto all = static_cast<double>(co_await pass.logit(input.input));
  base::Rng rng(static_cast<std::uint64_t>(input.param("seed")), "kernel_shap");
  Fit fit(pieces, nothing, all);
  std::vector<bool> shown(pieces);
  std::vector<std::size_t> order(pieces);
  for (std::size_t i = 0; i < pieces; ++i) order[i] = i;
  std::vector<float> seen;
  Explanation& found = output.explanation;
  for (int n = 0; n < samples; ++n) {
    if (n % 2 == 0) {
      const std::size_t size = draw_size(rng, pieces);
      for (std::size_t i = 0; i < pieces; ++i) {
        const std::size_t other = i + rng.below(static_cast<std::uint32_t>(pieces - i));
        std::swap(order[i], order[other]);
        shown[order[i]] = i < size;
      }
    } else {
      shown.flip();
    }
    hide(input, baseline, segments, shown, seen);
    fit.add(shown, static_cast<double>(co_await pass.logit(seen)));
    output.progress = static_cast<double>(n + 1) / samples;
    if (n + 1 < samples && n % 64 != 63) continue;  // solving costs as much as many a pass
    spread(segments, fit.solve(), found.attribution.values);
    found.completeness_error = completeness_error(found.attribution, all - nothing);
  }
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  Segments segments = segments_of(input);
  return segments.count <= kMostExact ? exactly(input, output, std::move(segments))
                                      : by_samples(input, output, std::move(segments));
}

double passes(const Setting& setting) {
  const int pieces = setting.count("pieces");
  return pieces <= kMostExact ? static_cast<double>(1U << static_cast<unsigned>(pieces))
                              : 2.0 + setting.param("samples");
}

// Chance has a hand only where not every selection is tried.
bool idle(const Setting& setting, std::string_view param) {
  return (param == "samples" || param == "seed") && setting.count("pieces") <= kMostExact;
}

std::vector<ParamSpec> params() {
  std::vector<ParamSpec> all = segment_params(36.0);
  all.push_back({"samples", text::param_samples, text::param_many_pieces_help, 2.0, 20'000.0, 1000.0, true});
  all.push_back(baseline_param());
  all.push_back(seed_param(text::param_seed_selections_help));
  return all;
}

}  // namespace

MethodDef kernel_shap_method() {
  return {.name = "kernel_shap",
          .title = text::method_kernel_shap_title,
          .plain = text::method_kernel_shap_plain,
          .summary = text::method_kernel_shap_summary,
          .paper = "Lundberg, Lee: A unified approach to interpreting model predictions, 2017",
          .family = Family::perturbation,
          .params = params(),
          .axioms = {.complete = true, .implementation = true, .linear = true},
          .size = MapSize::pixels,
          .passes = passes,
          .idle = idle,
          .run = run};
}

}  // namespace weightroom::explain
