#pragma once

#include <span>

namespace weightroom::base {

// The standard deviation of all of them (/ n); where that is zero, their root mean square, and never less than 1e-6.
[[nodiscard]] double deviation(std::span<const float> values);

}  // namespace weightroom::base
