#pragma once

#include <span>
#include <vector>

#include "nn/traits.h"

// What a classifier's logits say, the same to the bit wherever it is asked.
namespace weightroom::nn {

// In double, rounded once:
//   softmax  p_c = exp(z_c - max z) / sum
//   sigmoid  p_c = 1 / (1 + exp(-z_c))
[[nodiscard]] std::vector<float> probabilities(Answer answer, std::span<const float> logits);
[[nodiscard]] double sigmoid(double logit);
// The gradient of the loss by the logits where the picture is of class `label`, as train::cross_entropy has it.
[[nodiscard]] std::vector<float> loss_gradient(Answer answer, std::span<const float> logits, int label);

// "softmax" or "sigmoid".
[[nodiscard]] const char* name_of(Answer answer);

// Whether they are an answer: none has run over to infinity, none is no number.
[[nodiscard]] bool all_finite(std::span<const float> logits);

// Class indices, highest value first; of equal ones the lower index; what is no number last.
[[nodiscard]] std::vector<int> best_first(std::span<const float> values);
// The first of them alone; of none -1.
[[nodiscard]] int best_of(std::span<const float> values);

}  // namespace weightroom::nn
