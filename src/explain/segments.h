#pragma once

#include <span>
#include <vector>

#include "explain/method.h"

// Pictures cut into pieces that are shown or hidden together.
namespace weightroom::explain {

struct Segments {
  int count = 0;
  std::vector<int> of;             // (H,W): the piece of each pixel, 0 .. count - 1
  std::vector<std::size_t> sizes;  // pixels of each piece
};

// Rectangles as square as they come, about `wanted` of them.
[[nodiscard]] Segments grid_segments(const nn::Shape& picture, int wanted);
// Pieces that keep to what the picture shows: SLIC (Achanta et al. 2012), k-means of colour and place; pieces of a few
// pixels go to a neighbour. At most about `wanted`.
[[nodiscard]] Segments slic_segments(std::span<const float> picture, const nn::Shape& shape, int wanted);

// The parameters `pieces` and `segments`, and what they ask for.
[[nodiscard]] std::vector<ParamSpec> segment_params(double pieces);
[[nodiscard]] Segments segments_of(const MethodInput& input);

// The picture with the pieces that are not `shown` as in the baseline.
void hide(const MethodInput& input, std::span<const float> baseline, const Segments& segments,
          const std::vector<bool>& shown, std::vector<float>& out);

// A number for each piece, shared evenly among its pixels: (1,H,W).
void spread(const Segments& segments, std::span<const double> numbers, std::vector<float>& values);

}  // namespace weightroom::explain
