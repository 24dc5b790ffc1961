#include "train/loss.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::train {

double cross_entropy(std::span<const float> logits, const Target& target, double smoothing, double scale,
                     std::span<float> d_logits) {
  const int classes = static_cast<int>(logits.size());
  CHECK(classes > 0 && target.first < classes && target.second < classes);
  CHECK(d_logits.empty() || d_logits.size() == logits.size());
  // Shifted by the largest, so that no exp overflows.
  const double top = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0.0;
  for (const float logit : logits) sum += base::exp(static_cast<double>(logit) - top);
  const double log_sum = base::log(sum);
  const double share = static_cast<double>(target.share);
  double loss = 0.0;
  for (int k = 0; k < classes; ++k) {
    const auto i = static_cast<std::size_t>(k);
    double hard = 0.0;
    if (k == target.first) hard += share;
    if (k == target.second) hard += 1.0 - share;
    const double wanted = (1.0 - smoothing) * hard + smoothing / classes;
    const double log_p = static_cast<double>(logits[i]) - top - log_sum;
    loss -= wanted * log_p;
    if (!d_logits.empty()) d_logits[i] = static_cast<float>(scale * (base::exp(log_p) - wanted));
  }
  return loss;
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
