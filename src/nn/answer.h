#pragma once

#include <span>
#include <vector>

// What a classifier's logits say, the same to the bit wherever it is asked.
namespace weightroom::nn {

// softmax(z)_c = exp(z_c - max z) / sum, in double, rounded once.
[[nodiscard]] std::vector<float> probabilities(std::span<const float> logits);

// Class indices, highest value first; of equal ones the lower index.
[[nodiscard]] std::vector<int> best_first(std::span<const float> values);

}  // namespace weightroom::nn
