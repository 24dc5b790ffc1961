#pragma once

#include <cstdint>

namespace weightroom::base {

// IEEE 754 binary16 and bfloat16. To float: exact. From float: to nearest, ties to even; what is too large becomes
// infinity, NaN stays NaN.
[[nodiscard]] float half_to_float(std::uint16_t half);
[[nodiscard]] std::uint16_t float_to_half(float value);
[[nodiscard]] float bfloat16_to_float(std::uint16_t value);
[[nodiscard]] std::uint16_t float_to_bfloat16(float value);

// Whether binary16 holds the value to the bit (-0 included; NaN never).
[[nodiscard]] bool fits_half(float value);

}  // namespace weightroom::base
