#pragma once

namespace weightroom::base {

// The whole part of `value`, within least..most; NaN is `least`. A cast alone is undefined beyond an int, and a mouse
// that has left its window stands there.
[[nodiscard]] constexpr int whole_within(float value, int least, int most) {
  if (!(value > static_cast<float>(least))) return least;
  return value >= static_cast<float>(most) ? most : static_cast<int>(value);
}

}  // namespace weightroom::base
