#include "base/quantiser.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace weightroom::base {
namespace {

// To the nearest whole number, ties to the even one, whatever the rounding mode of the machine.
double round_to_even(double v) {
  const double down = std::floor(v);
  const double rest = v - down;
  if (rest != 0.5) return rest < 0.5 ? down : down + 1.0;
  return std::fmod(down, 2.0) == 0.0 ? down : down + 1.0;
}

}  // namespace

Quantiser::Range Quantiser::range_of(std::span<const float> values) {
  Range range;
  double sum = 0.0;
  for (const float v : values) {
    range.low = std::min(range.low, static_cast<double>(v));
    range.high = std::max(range.high, static_cast<double>(v));
    sum += std::fabs(static_cast<double>(v));
  }
  range.mean_size = sum / std::max<double>(1.0, static_cast<double>(values.size()));
  return range;
}

Quantiser::Quantiser(const Range& range, int bits, bool affine) {
  CHECK(bits >= 1 && bits <= 16);
  if (affine) {
    highest_ = (1 << bits) - 1;
    scale_ = static_cast<float>((range.high - range.low) / highest_);
    if (scale_ > 0.0F)
      zero_ = static_cast<std::int32_t>(
          std::clamp(round_to_even(-range.low / static_cast<double>(scale_)), 0.0, static_cast<double>(highest_)));
    return;
  }
  signs_ = bits == 1;
  highest_ = signs_ ? 1 : (1 << (bits - 1)) - 1;
  lowest_ = -highest_;
  scale_ = static_cast<float>(signs_ ? range.mean_size : std::max(range.high, -range.low) / highest_);
}

Quantiser::Quantiser(float scale, std::int32_t zero, int bits, bool affine) : scale_(scale), zero_(zero) {
  CHECK(bits >= 1 && bits <= 16);
  if (affine) {
    highest_ = (1 << bits) - 1;
  } else {
    signs_ = bits == 1;
    highest_ = signs_ ? 1 : (1 << (bits - 1)) - 1;
    lowest_ = -highest_;
  }
}

std::optional<Quantiser> quantiser_of(std::span<const float> values, const Quantiser::Range& range, int bits,
                                      bool affine) {
  const Quantiser guess(range, bits, affine);
  const auto fits = [&](const Quantiser& quantiser) {
    return std::ranges::all_of(values, [&](float v) {
      return std::bit_cast<std::uint32_t>(quantiser.nearest(v)) == std::bit_cast<std::uint32_t>(v);
    });
  };
  if (fits(guess)) return guess;
  // The largest value is the scale times a code, rounded: divided again it may miss the scale by its last places.
  constexpr int kPlaces = 3;
  float up = guess.scale();
  float down = guess.scale();
  for (int k = 0; k < kPlaces; ++k) {
    up = std::nextafter(up, std::numeric_limits<float>::infinity());
    down = std::nextafter(down, 0.0F);
    for (const float scale : {up, down}) {
      const Quantiser other(scale, guess.zero(), bits, affine);
      if (fits(other)) return other;
    }
  }
  return std::nullopt;
}

std::int32_t Quantiser::code(float value) const {
  if (signs_) return value < 0.0F ? -1 : 1;
  if (scale_ == 0.0F) return zero_;
  const double at = round_to_even(static_cast<double>(value) / static_cast<double>(scale_)) + zero_;
  return static_cast<std::int32_t>(std::clamp(at, static_cast<double>(lowest_), static_cast<double>(highest_)));
}

float Quantiser::value(std::int32_t code) const {
  return static_cast<float>(static_cast<double>(scale_) * static_cast<double>(code - zero_));
}

}  // namespace weightroom::base
