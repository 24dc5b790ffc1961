#pragma once

#include <cstddef>
#include <vector>

namespace weightroom::io {

// What each of `to` values in a row is made of when `from` values are scaled to as many: count values from `first` on,
// which may lie before the row or behind it (then the nearest counts), times weights[at], weights[at + 1], ...
struct ResizeWeights {
  struct Span {
    int first = 0;
    int count = 0;
    std::size_t at = 0;
  };
  std::vector<Span> spans;
  std::vector<float> weights;
};

// The Mitchell filter (B = C = 1/3), widened where values get fewer. first + count never falls from one value to
// the next.
[[nodiscard]] ResizeWeights resize_weights(int from, int to);

}  // namespace weightroom::io
