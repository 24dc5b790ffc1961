#include "base/float16.h"

#include <bit>

namespace weightroom::base {

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | mantissa << 13U);
  if (exponent == 0) {
    // Subnormal: mantissa * 2^-24, exact in a float.
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  return std::bit_cast<float>(sign | (exponent + 112U) << 23U | mantissa << 13U);
}

std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);   // NaN
  if (magnitude >= 0x47800000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // 65536 and more
  const std::uint32_t exponent = magnitude >> 23U;
  // Bits of the float's 24-bit mantissa that the half has no room for; 14 and more below 2^-14.
  const std::uint32_t shift = exponent < 113 ? 126U - exponent : 13U;
  if (shift > 25) return static_cast<std::uint16_t>(sign);  // less than half of the smallest subnormal
  const std::uint32_t mantissa = exponent == 0 ? 0U : (magnitude & 0x7FFFFFU) | 0x800000U;
  std::uint32_t result = mantissa >> shift;
  const std::uint32_t rest = mantissa & ((1U << shift) - 1U);
  const std::uint32_t half_way = 1U << (shift - 1U);
  if (rest > half_way || (rest == half_way && (result & 1U) != 0)) ++result;
  // The mantissa's leading one adds 1 to the exponent field, and so does a carry out of it, up to infinity.
  if (exponent >= 113) result += (exponent - 113U) << 10U;
  return static_cast<std::uint16_t>(sign | result);
}

float bfloat16_to_float(std::uint16_t value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U); }

std::uint16_t float_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>(bits >> 16U | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

bool fits_half(float value) {
  return std::bit_cast<std::uint32_t>(half_to_float(float_to_half(value))) == std::bit_cast<std::uint32_t>(value) &&
         value == value;
}

}  // namespace weightroom::base
