#include "teach/head.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/math.h"
#include "teach/sums.h"

namespace weightroom::teach {
namespace {

std::size_t weight_count(const Examples& examples) {
  return static_cast<std::size_t>(examples.classes) * examples.width;
}

// From the variables of the loss; the biases are known up to what all share, so that their mean is made 0.
Head head_of(const Examples& examples, std::span<const double> x) {
  const std::size_t count = weight_count(examples);
  Head head{examples.classes, examples.width, {x.begin(), x.begin() + static_cast<std::ptrdiff_t>(count)}, {}};
  double mean = 0.0;
  for (const double bias : x.subspan(count)) mean += bias;
  mean /= examples.classes;
  for (const double bias : x.subspan(count)) head.biases.push_back(bias - mean);
  return head;
}

}  // namespace

std::vector<double> Head::logits(std::span<const double> z) const {
  CHECK(z.size() == width);
  std::vector<double> logits;
  for (std::size_t c = 0; c < biases.size(); ++c) logits.push_back(biases[c] + dot(row(c), z));
  return logits;
}

std::vector<double> probabilities(std::span<const double> logits) {
  const double largest = *std::ranges::max_element(logits);
  std::vector<double> shares;
  double sum = 0.0;
  for (const double logit : logits) {
    shares.push_back(base::exp(logit - largest));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

int top_class(std::span<const double> logits) {
  return static_cast<int>(std::ranges::max_element(logits) - logits.begin());
}

Head instant_head(const Examples& examples, double sharpness) {
  Head head{examples.classes, examples.width, class_means(examples), {}};
  const std::vector<int> counts = examples.pictures_by_class();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const auto mean = head.row(c);
    // A float holds it, and no distance of features comes near it.
    constexpr double kNever = -1e6;
    head.biases.push_back(counts[c] == 0 ? kNever : -0.5 * sharpness * dot(mean, mean));
  }
  for (double& weight : head.weights) weight *= sharpness;
  return head;
}

HeadLoss::HeadLoss(const Examples& examples, double lambda, Weighing weighing)
    : examples_(&examples), lambda_(lambda), weights_(example_weights(examples, weighing)) {}

double HeadLoss::operator()(std::span<const double> x, std::span<double> gradient) const {
  const std::size_t width = examples_->width;
  const auto classes = static_cast<std::size_t>(examples_->classes);
  const auto weights = x.first(classes * width);
  const auto biases = x.subspan(classes * width);
  for (std::size_t i = 0; i < weights.size(); ++i) gradient[i] = lambda_ * weights[i];
  std::ranges::fill(gradient.subspan(weights.size()), 0.0);
  double loss = 0.5 * lambda_ * dot(weights, weights);
  std::vector<double> logits(classes);
  for (std::size_t i = 0; i < examples_->count(); ++i) {
    const auto z = examples_->row(i);
    for (std::size_t c = 0; c < classes; ++c) logits[c] = biases[c] + dot(weights.subspan(c * width, width), z);
    const double largest = *std::ranges::max_element(logits);
    double sum = 0.0;
    const auto label = static_cast<std::size_t>(examples_->labels[i]);
    const double own = logits[label] - largest;
    for (double& logit : logits) {
      logit = base::exp(logit - largest);
      sum += logit;
    }
    loss += weights_[i] * (base::log(sum) - own);
    for (std::size_t c = 0; c < classes; ++c) {
      const double off = weights_[i] * (logits[c] / sum - (c == label ? 1.0 : 0.0));
      add_scaled(off, z, gradient.subspan(c * width, width));
      gradient[classes * width + c] += off;
    }
  }
  return loss;
}

HeadFit::HeadFit(const Examples& examples, const FitOptions& options)
    : examples_(examples),
      search_(HeadLoss(examples, options.lambda, options.weighing),
              std::vector<double>(weight_count(examples) + static_cast<std::size_t>(examples.classes))) {}

bool HeadFit::step(const base::Budget& budget) {
  do {
    const bool ended = search_.step();
    // The gradient falls by orders of magnitude: from that at zero, a half at most, to 1e-8.
    const double left = base::log(std::max(largest_gradient(), 1e-8) / 1e-8) / base::log(0.5 / 1e-8);
    progress_ = ended ? 1.0 : std::max(progress_, std::min(1.0 - left, 0.99));
    if (ended) return true;
  } while (!budget.spent());
  return false;
}

Head HeadFit::head() const { return head_of(examples_, search_.x()); }

Head fitted_head(const Examples& examples, const FitOptions& options) {
  HeadFit fit(examples, options);
  while (!fit.step(base::Budget::unlimited())) continue;
  return fit.head();
}

HeadDescent::HeadDescent(const Examples& examples, const FitOptions& options)
    : examples_(examples),
      loss_(examples, options.lambda, options.weighing),
      rate_(0.0),
      x_(loss_.size()),
      velocity_(loss_.size()),
      gradient_(loss_.size()),
      value_(loss_(x_, gradient_)) {
  double longest = 0.0;
  for (std::size_t i = 0; i < examples.count(); ++i) longest = std::max(longest, dot(examples.row(i), examples.row(i)));
  rate_ = 1.0 / (0.5 * (longest + 1.0) + options.lambda);
}

void HeadDescent::step() {
  constexpr double kMomentum = 0.9;
  for (std::size_t i = 0; i < x_.size(); ++i) {
    velocity_[i] = kMomentum * velocity_[i] - rate_ * gradient_[i];
    x_[i] += kMomentum * velocity_[i] - rate_ * gradient_[i];
  }
  value_ = loss_(x_, gradient_);
  ++steps_;
}

Head HeadDescent::head() const { return head_of(examples_, x_); }

}  // namespace weightroom::teach
