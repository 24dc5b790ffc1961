// integrated_gradients: (x - b) times the integral over a in [0, 1] of d f / d x at b + a (x - b)
// (Sundararajan et al. 2017), by Gauss-Legendre. On a ReLU net the integrand has jumps, so the
// error falls like 1 / n only; unless a number of steps is given, n doubles until the attributions
// account for f(x) - f(b).
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "explain/pass.h"
#include "explain/quadrature.h"

namespace weightroom::explain {
namespace {

constexpr int kFirstSteps = 32;
constexpr int kLastSteps = 512;
constexpr double kTolerance = 5e-3;
constexpr double kSmallestDifference = 0.01;  // logits closer than this count as this far apart

class Job final : public MapJob {
 public:
  explicit Job(MethodInput input)
      : input_(std::move(input)),
        pass_(input_.session, input_.target),
        point_(input_.input),
        baseline_(input_.input.size()),
        sum_(input_.input.size(), 0.0) {
    const std::size_t plane = baseline_.size() / input_.black.size();
    for (std::size_t i = 0; i < baseline_.size(); ++i) baseline_[i] = input_.black[i / plane];
    result_.attribution = {input_shape(input_.session), std::vector<float>(baseline_.size(), 0.0F)};
    const int given = static_cast<int>(input_.params.at("steps"));
    doubles_ = given == 0;
    // One unit for the two logits, then one a gradient: at worst of every doubling.
    units_ = 1 + (doubles_ ? 2 * kLastSteps - kFirstSteps : given);
    rule_ = gauss_legendre(doubles_ ? kFirstSteps : given);
  }

  bool step(const base::Budget& budget) override {
    if (done_) return true;
    do {
      if (units_done_++ == 0) {
        difference_ = static_cast<double>(pass_.logit(input_.input)) - static_cast<double>(pass_.logit(baseline_));
      } else {
        add_node();
        if (node_ == rule_.nodes.size()) finish_rule();
      }
    } while (!done_ && !budget.spent());
    // A first look while there is no finished rule: the mean of the gradients met so far.
    if (std::isnan(result_.completeness_error) && weight_ > 0.0) show(1.0 / weight_);
    return done_;
  }
  [[nodiscard]] double progress() const override { return done_ ? 1.0 : static_cast<double>(units_done_) / units_; }
  [[nodiscard]] const Explanation& result() const override { return result_; }

 private:
  [[nodiscard]] double way(std::size_t i) const {
    return static_cast<double>(input_.input[i]) - static_cast<double>(baseline_[i]);
  }

  void add_node() {
    const double a = rule_.nodes[node_];
    for (std::size_t i = 0; i < point_.size(); ++i) {
      point_[i] = static_cast<float>(static_cast<double>(baseline_[i]) + a * way(i));
    }
    const auto gradient = pass_.input_gradient(point_);
    const double weight = rule_.weights[node_];
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += weight * static_cast<double>(gradient[i]);
    weight_ += weight;
    ++node_;
  }

  void show(double scale) {
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      const double distance = way(i);
      result_.attribution.values[i] = distance == 0.0 ? 0.0F : static_cast<float>(distance * (scale * sum_[i]));
    }
  }

  void finish_rule() {
    show(1.0);
    double total = 0.0;
    for (float value : result_.attribution.values) total += static_cast<double>(value);
    result_.completeness_error = std::fabs(total - difference_) / std::max(std::fabs(difference_), kSmallestDifference);
    const int steps = static_cast<int>(rule_.nodes.size());
    const bool close = result_.completeness_error <= kTolerance;
    const bool overflow = !std::isfinite(result_.completeness_error);
    if (close || overflow || !doubles_ || steps >= kLastSteps) {
      done_ = true;
      if (!close) result_.note = overflow ? "The numbers overflow, so the shares do not add up." : miss(steps);
      return;
    }
    rule_ = gauss_legendre(2 * steps);
    std::ranges::fill(sum_, 0.0);
    node_ = 0;
  }

  [[nodiscard]] std::string miss(int steps) const {
    char text[120];
    std::snprintf(text, sizeof(text), "After %d steps the pixels' shares miss the difference to black by %.2g %%.",
                  steps, 100.0 * result_.completeness_error);
    return text;
  }

  MethodInput input_;
  TargetPass pass_;
  std::vector<float> point_;
  std::vector<float> baseline_;
  Quadrature rule_;
  std::vector<double> sum_;  // of weight * gradient over the nodes of the present rule
  double weight_ = 0.0;      // of the nodes met, until the first rule is finished
  double difference_ = 0.0;  // f(x) - f(b)
  std::size_t node_ = 0;     // the next one
  int units_ = 1;
  int units_done_ = 0;
  bool doubles_ = false;
  bool done_ = false;
  Explanation result_;
};

std::unique_ptr<MapJob> start(MethodInput input) { return std::make_unique<Job>(std::move(input)); }

}  // namespace

MethodDef integrated_gradients_method() {
  return {.name = "integrated_gradients",
          .title = "Integrated gradients",
          .summary =
              "Shares out the difference between the score of the picture and that of black among "
              "the pixels.",
          .paper = "Sundararajan, Taly, Yan: Axiomatic attribution for deep networks, 2017",
          .params = {{"steps",
                      "points between black and the picture; 0 doubles them from 32 to 512 until "
                      "the shares add up",
                      0.0, 1000.0, 0.0, true, "as many as needed"}},
          .complete = true,
          .start = start};
}

}  // namespace weightroom::explain
