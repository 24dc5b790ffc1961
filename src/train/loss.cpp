#include "train/loss.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/math.h"

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

}  // namespace

double cross_entropy(std::span<const float> logits, const Target& target, double smoothing, double scale,
                     std::span<float> d_logits) {
  const int classes = static_cast<int>(logits.size());
  CHECK(classes > 0 && target.first < classes && target.second < classes);
  CHECK(d_logits.empty() || d_logits.size() == logits.size());
  const Softened softened(logits, 1.0);
  const double share = static_cast<double>(target.share);
  double loss = 0.0;
  for (int k = 0; k < classes; ++k) {
    const auto i = static_cast<std::size_t>(k);
    double hard = 0.0;
    if (k == target.first) hard += share;
    if (k == target.second) hard += 1.0 - share;
    const double wanted = (1.0 - smoothing) * hard + smoothing / classes;
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
