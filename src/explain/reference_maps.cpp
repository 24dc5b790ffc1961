#include "explain/reference_maps.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace weightroom::explain {

std::vector<float> random_map(int height, int width, std::uint64_t seed) {
  base::Rng rng(seed, "random map");
  std::vector<float> map(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  for (float& value : map) value = static_cast<float>(rng.normal());
  return map;
}

std::vector<float> edge_map(std::span<const float> input, const nn::Shape& shape) {
  const int height = shape[1];
  const int width = shape[2];
  const auto plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  std::vector<double> grey(plane, 0.0);
  for (std::size_t i = 0; i < input.size(); ++i) grey[i % plane] += static_cast<double>(input[i]) / shape[0];
  const auto at = [&](int y, int x) {
    const int row = std::clamp(y, 0, height - 1);
    const int column = std::clamp(x, 0, width - 1);
    return grey[static_cast<std::size_t>(row * width + column)];
  };
  std::vector<float> map;
  map.reserve(plane);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double across = at(y - 1, x + 1) + 2.0 * at(y, x + 1) + at(y + 1, x + 1) - at(y - 1, x - 1) -
                            2.0 * at(y, x - 1) - at(y + 1, x - 1);
      const double down = at(y + 1, x - 1) + 2.0 * at(y + 1, x) + at(y + 1, x + 1) - at(y - 1, x - 1) -
                          2.0 * at(y - 1, x) - at(y - 1, x + 1);
      map.push_back(static_cast<float>(std::sqrt(across * across + down * down)));
    }
  }
  return map;
}

}  // namespace weightroom::explain
