#include "explain/display.h"

#include <algorithm>
#include <cmath>

namespace weightroom::explain {
namespace {

// attribution: (C,h,w); the sum over channels, (h,w). An overflow is no evidence: it counts as
// zero, since a colour scale cannot hold it.
std::vector<float> sum_channels(const Attribution& attribution) {
  const nn::Shape& shape = attribution.shape;
  CHECK(shape.rank() == 3 && attribution.values.size() == shape.size());
  const std::size_t plane = shape.size() / static_cast<std::size_t>(shape[0]);
  std::vector<float> sum(plane);
  for (std::size_t i = 0; i < plane; ++i) {
    double total = 0.0;
    for (std::size_t at = i; at < shape.size(); at += plane) total += static_cast<double>(attribution.values[at]);
    const float value = static_cast<float>(total);
    sum[i] = std::isfinite(value) ? value : 0.0F;
  }
  return sum;
}

// Where output pixel i of `to` falls among `from` pixels: the two neighbours and the share of the
// second.
struct Between {
  std::size_t first = 0;
  std::size_t second = 0;
  double share = 0.0;
};

Between between(int i, int from, int to) {
  const double centre = (i + 0.5) * from / to - 0.5;
  const double clamped = std::clamp(centre, 0.0, static_cast<double>(from - 1));
  const auto first = static_cast<std::size_t>(clamped);
  const auto last = static_cast<std::size_t>(from - 1);
  return {first, std::min(first + 1, last), clamped - static_cast<double>(first)};
}

// Value of rank ceil(0.99 n) among |values|, counted from 1.
float percentile_99(const std::vector<float>& values) {
  std::vector<float> sizes(values.size());
  std::ranges::transform(values, sizes.begin(), [](float value) { return std::fabs(value); });
  const std::size_t rank = (sizes.size() * 99 + 99) / 100;
  const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(sizes, at);
  return *at;
}

}  // namespace

std::vector<float> enlarged(const std::vector<float>& map, int h, int w, int height, int width) {
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  for (int y = 0; y < height; ++y) {
    const Between row = between(y, h, height);
    const float* top = map.data() + row.first * static_cast<std::size_t>(w);
    const float* bottom = map.data() + row.second * static_cast<std::size_t>(w);
    for (int x = 0; x < width; ++x) {
      const Between column = between(x, w, width);
      const auto across = [&](const float* line) {
        return (1.0 - column.share) * static_cast<double>(line[column.first]) +
               column.share * static_cast<double>(line[column.second]);
      };
      out.push_back(static_cast<float>((1.0 - row.share) * across(top) + row.share * across(bottom)));
    }
  }
  return out;
}

DisplayMap display_map(const Attribution& attribution, int height, int width) {
  CHECK(height > 0 && width > 0);
  DisplayMap map{height, width, sum_channels(attribution), 0.0F};
  const int h = attribution.shape[1];
  const int w = attribution.shape[2];
  if (h != height || w != width) map.values = enlarged(map.values, h, w, height, width);
  map.scale = percentile_99(map.values);
  return map;
}

}  // namespace weightroom::explain
