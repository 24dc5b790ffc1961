#include "train/loss.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/math.h"
#include "nn/answer.h"

namespace weightroom::train {
namespace {

// softmax(logits / temperature), shifted by the largest logit so that no exp overflows.
class Softened {
 public:
  Softened(std::span<const float> logits, double temperature)
      : logits_(logits), temperature_(temperature), top_(static_cast<double>(*std::ranges::max_element(logits))) {
    double sum = 0.0;
    for (const float logit : logits) sum += base::exp((static_cast<double>(logit) - top_) / temperature);
    log_sum_ = base::log(sum);
  }
  [[nodiscard]] double log_probability(std::size_t i) const {
    return (static_cast<double>(logits_[i]) - top_) / temperature_ - log_sum_;
  }

 private:
  std::span<const float> logits_;
  double temperature_;
  double top_;
  double log_sum_ = 0.0;
};

// How much of class k the target is, 0 to 1.
double hard_target(const Target& target, int k) {
  const double share = static_cast<double>(target.share);
  return (k == target.first ? share : 0.0) + (k == target.second ? 1.0 - share : 0.0);
}

// log(sigmoid(z)), without an overflow.
double log_sigmoid(double z) { return std::min(z, 0.0) - base::log(1.0 + base::exp(-std::fabs(z))); }

double cross_entropy_of_each(std::span<const float> logits, const Target& target, double smoothing, double scale,
                             std::span<float> d_logits) {
  const auto classes = static_cast<double>(logits.size());
  double loss = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double wanted = (1.0 - smoothing) * hard_target(target, static_cast<int>(i)) + smoothing / 2.0;
    const auto z = static_cast<double>(logits[i]);
    loss -= (wanted * log_sigmoid(z) + (1.0 - wanted) * log_sigmoid(-z)) / classes;
    if (!d_logits.empty()) d_logits[i] = static_cast<float>(scale * (nn::sigmoid(z) - wanted) / classes);
  }
  return loss;
}

}  // namespace

double cross_entropy(nn::Answer answer, std::span<const float> logits, const Target& target, double smoothing,
                     double scale, std::span<float> d_logits) {
  const int classes = static_cast<int>(logits.size());
  CHECK(classes > 0 && target.first < classes && target.second < classes);
  CHECK(d_logits.empty() || d_logits.size() == logits.size());
  if (answer == nn::Answer::sigmoid) return cross_entropy_of_each(logits, target, smoothing, scale, d_logits);
  const Softened softened(logits, 1.0);
  double loss = 0.0;
  for (int k = 0; k < classes; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const double wanted = (1.0 - smoothing) * hard_target(target, k) + smoothing / classes;
    const double log_p = softened.log_probability(i);
    loss -= wanted * log_p;
    if (!d_logits.empty()) d_logits[i] = static_cast<float>(scale * (base::exp(log_p) - wanted));
  }
  return loss;
}

double distillation(std::span<const float> logits, std::span<const double> wanted, double temperature, double scale,
                    std::span<float> d_logits) {
  CHECK(wanted.size() == logits.size() && d_logits.size() == logits.size());
  const Softened softened(logits, temperature);
  double loss = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double log_p = softened.log_probability(i);
    loss -= wanted[i] * log_p;
    d_logits[i] += static_cast<float>(scale * temperature * (base::exp(log_p) - wanted[i]));
  }
  return temperature * temperature * loss;
}

void add_softened(std::span<const float> logits, double temperature, double share, std::span<double> probabilities) {
  CHECK(probabilities.size() == logits.size());
  const Softened softened(logits, temperature);
  for (std::size_t i = 0; i < logits.size(); ++i) probabilities[i] += share * base::exp(softened.log_probability(i));
}

int rank_of(std::span<const float> logits, int label) {
  CHECK(label >= 0 && static_cast<std::size_t>(label) < logits.size());
  const float own = logits[static_cast<std::size_t>(label)];
  if (std::isnan(own)) return static_cast<int>(logits.size()) - 1;  // no answer is no right one
  int rank = 0;
  for (int k = 0; k < static_cast<int>(logits.size()); ++k) {
    const float other = logits[static_cast<std::size_t>(k)];
    rank += static_cast<int>(other > own || (other == own && k < label));
  }
  return rank;
}

}  // namespace weightroom::train
