#pragma once

#include <span>

#include "nn/traits.h"

namespace weightroom::train {

// What a picture should be answered with: `share` of class `first`, the rest of class `second` (mixup, cutmix).
struct Target {
  int first = 0;
  int second = 0;
  float share = 1.0F;
};

// Cross-entropy of the answer against the target, `smoothing` of which is spread evenly (Szegedy et al., "Rethinking
// the Inception architecture", 2016); of K classes
//   softmax  -sum_k q_k log p_k, where the smoothing is spread over the classes
//   sigmoid  -(1/K) sum_k q_k log p_k + (1 - q_k) log(1 - p_k), where it is spread over yes and no of each. Of a single
//            number taken for two classes (op binary) that is what a softmax over (0, z) would have.
// Where d_logits is not empty it gets scale * (p_k - q_k), for sigmoid / K, overwritten.
[[nodiscard]] double cross_entropy(nn::Answer answer, std::span<const float> logits, const Target& target,
                                   double smoothing, double scale, std::span<float> d_logits);

// Distillation (Hinton et al., 2015): temperature^2 times the cross-entropy of softmax(logits / temperature) against
// `wanted`, probabilities that sum to 1. d_logits gets scale * temperature * (p_k - q_k) added.
[[nodiscard]] double distillation(std::span<const float> logits, std::span<const double> wanted, double temperature,
                                  double scale, std::span<float> d_logits);

// Adds share * softmax(logits / temperature) to `probabilities`.
void add_softened(std::span<const float> logits, double temperature, double share, std::span<double> probabilities);

// Place of `label` when logits are sorted, 0 the highest; of equal ones the lower index comes first. Last where
// its logit is no number.
[[nodiscard]] int rank_of(std::span<const float> logits, int label);

}  // namespace weightroom::train
