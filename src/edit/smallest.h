#pragma once

#include <cstdint>
#include <span>

namespace weightroom::edit {

// Tells, for scores asked about in their order, which are the `wanted` smallest; of equal ones the first. Scores are
// not negative. Takes no memory besides, and three passes.
class Smallest {
 public:
  Smallest(std::span<const float> scores, std::size_t wanted);
  // To be called once for each score, from the first to the last.
  [[nodiscard]] bool takes(float score);

 private:
  std::uint32_t limit_ = 0;  // bits of the largest score taken
  std::size_t ties_ = 0;     // of this score, still to be taken
};

}  // namespace weightroom::edit
