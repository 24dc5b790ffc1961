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

void Quantiser::RangeSum::add(std::span<const float> values) {
  for (const float v : values) {
    range_.low = std::min(range_.low, static_cast<double>(v));
    range_.high = std::max(range_.high, static_cast<double>(v));
    size_ += std::fabs(static_cast<double>(v));
  }
  count_ += static_cast<double>(values.size());
}

Quantiser::Range Quantiser::RangeSum::range() const {
  Range range = range_;
  range.mean_size = size_ / std::max(1.0, count_);
  return range;
}

Quantiser::Range Quantiser::range_of(std::span<const float> values) {
  RangeSum sum;
  sum.add(values);
  return sum.range();
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

QuantiserSearch::QuantiserSearch(std::span<const float> values, const Quantiser::Range& range, int bits, bool affine)
    : values_(values), guess_(range, bits, affine), bits_(bits), affine_(affine) {}

// The largest value is the scale times a code, rounded: divided again it may miss the scale by its last places. So the
// guess is followed by those a place above and below, then two, and so on.
Quantiser QuantiserSearch::candidate() const {
  if (tried_ == 0) return guess_;
  float scale = guess_.scale();
  const float end = tried_ % 2 == 1 ? std::numeric_limits<float>::infinity() : 0.0F;
  for (int places = (tried_ + 1) / 2; places > 0; --places) scale = std::nextafter(scale, end);
  return {scale, guess_.zero(), bits_, affine_};
}

bool QuantiserSearch::step(std::size_t& left) {
  constexpr int kPlaces = 3;
  for (; tried_ <= 2 * kPlaces; ++tried_, at_ = 0) {
    const Quantiser quantiser = candidate();
    const auto part = values_.subspan(at_, std::min(left, values_.size() - at_));
    const auto misses = std::ranges::find_if(part, [&](float v) {
      return std::bit_cast<std::uint32_t>(quantiser.nearest(v)) != std::bit_cast<std::uint32_t>(v);
    });
    const auto fits = static_cast<std::size_t>(misses - part.begin());
    left -= std::min(left, fits + 1);
    at_ += fits;
    if (misses != part.end()) continue;
    if (at_ < values_.size()) return false;
    found_ = quantiser;
    return true;
  }
  return true;
}

std::optional<Quantiser> quantiser_of(std::span<const float> values, int bits, bool affine) {
  QuantiserSearch search(values, Quantiser::range_of(values), bits, affine);
  for (std::size_t left = 0; !search.step(left);) left = values.size();
  return search.found();
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
