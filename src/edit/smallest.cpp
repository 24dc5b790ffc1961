#include "edit/smallest.h"

#include <array>
#include <bit>

namespace weightroom::edit {
namespace {

// Floats that are not negative lie in the order of their bits; -0 counts as 0.
std::uint32_t key(float score) { return std::bit_cast<std::uint32_t>(score) & 0x7FFFFFFFU; }

}  // namespace

Smallest::Smallest(std::span<const float> scores, std::size_t wanted) : ties_(wanted) {
  // The limit's bits from the highest on, ten or eleven at a time: how many scores begin with each continuation?
  std::uint32_t known = 0;  // mask of the bits found
  for (const auto& [shift, width] : {std::pair{21U, 11U}, std::pair{10U, 11U}, std::pair{0U, 10U}}) {
    std::array<std::size_t, 2048> counts{};
    for (const float score : scores) {
      const std::uint32_t bits = key(score);
      if ((bits & known) == limit_) ++counts[bits >> shift & ((1U << width) - 1U)];
    }
    std::size_t digit = 0;
    while (digit + 1 < (std::size_t{1} << width) && counts[digit] < ties_) ties_ -= counts[digit++];
    limit_ |= static_cast<std::uint32_t>(digit) << shift;
    known |= ((1U << width) - 1U) << shift;
  }
}

bool Smallest::takes(float score) {
  const std::uint32_t bits = key(score);
  if (bits != limit_) return bits < limit_;
  if (ties_ == 0) return false;
  --ties_;
  return true;
}

}  // namespace weightroom::edit
