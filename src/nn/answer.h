#pragma once

#include <span>
#include <vector>

// What a classifier's logits say, the same to the bit wherever it is asked.
namespace weightroom::nn {

// softmax(z)_c = exp(z_c - max z) / sum, in double, rounded once.
[[nodiscard]] std::vector<float> probabilities(std::span<const float> logits);

// Whether they are an answer: none has run over to infinity, none is no number.
[[nodiscard]] bool all_finite(std::span<const float> logits);

// Class indices, highest value first; of equal ones the lower index; what is no number last.
[[nodiscard]] std::vector<int> best_first(std::span<const float> values);

}  // namespace weightroom::nn
