#pragma once

#include <vector>

#include "explain/method.h"

// What a method compares the picture with: "nothing to be seen", which everybody understands in another way.
namespace weightroom::explain {

enum class Baseline { black, mean, blurred, noise, picture };

// The parameter `baseline`. noise is drawn by the parameter `seed` where the method has one, else by 0.
[[nodiscard]] ParamSpec baseline_param();

// black: no light; mean: each channel's mean over the picture; blurred: the picture blurred by an eighth of its longer
// side; noise: every value anywhere between black and white; picture: MethodInput::other, which must be there.
[[nodiscard]] std::vector<float> baseline_of(const MethodInput& input);
[[nodiscard]] std::vector<float> baseline_of(const MethodInput& input, Baseline baseline, std::uint64_t seed,
                                             std::uint64_t index = 0);

// Explanation::completeness_error of a map that should sum to `difference` = f(x) - f(baseline).
[[nodiscard]] double completeness_error(const Attribution& attribution, double difference);

}  // namespace weightroom::explain
