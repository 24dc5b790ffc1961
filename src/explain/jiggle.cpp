#include "explain/jiggle.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/math.h"

namespace weightroom::explain {

struct Jiggle::Corners {
  std::size_t count = 0;
  std::array<std::size_t, 4> at{};
  std::array<double, 4> weight{};
  double outside = 0.0;
};

Jiggle::Jiggle(const nn::Shape& shape, double strength, base::Rng& rng) : shape_(shape) {
  const double reach = strength * std::min(shape[1], shape[2]) / 16.0;
  dy_ = rng.uniform(-reach, reach);
  dx_ = rng.uniform(-reach, reach);
  const double scale = 1.0 + strength * rng.uniform(-0.1, 0.1);
  const double angle = strength * rng.uniform(-10.0, 10.0) * std::numbers::pi / 180.0;
  cos_ = base::cos(angle) / scale;
  sin_ = base::sin(angle) / scale;
}

template <class Visit>
void Jiggle::each(const Visit& visit) const {
  const int height = shape_[1];
  const int width = shape_[2];
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double v = y - 0.5 * (height - 1);
      const double u = x - 0.5 * (width - 1);
      const double sy = cos_ * v - sin_ * u + 0.5 * (height - 1) + dy_;
      const double sx = sin_ * v + cos_ * u + 0.5 * (width - 1) + dx_;
      const int top = static_cast<int>(std::floor(sy));
      const int left = static_cast<int>(std::floor(sx));
      Corners corners;
      for (int k = 0; k < 4; ++k) {
        const int py = top + k / 2;
        const int px = left + k % 2;
        const double weight = (k / 2 == 0 ? 1.0 - (sy - top) : sy - top) * (k % 2 == 0 ? 1.0 - (sx - left) : sx - left);
        if (py < 0 || py >= height || px < 0 || px >= width) {
          corners.outside += weight;
          continue;
        }
        corners.at[corners.count] = static_cast<std::size_t>(py * width + px);
        corners.weight[corners.count++] = weight;
      }
      visit(static_cast<std::size_t>(y * width + x), corners);
    }
  }
}

void Jiggle::apply(std::span<const float> picture, std::span<const float> grey, std::span<float> out) const {
  const std::size_t plane = static_cast<std::size_t>(shape_[1]) * static_cast<std::size_t>(shape_[2]);
  each([&](std::size_t to, const Corners& corners) {
    for (std::size_t c = 0; c < grey.size(); ++c) {
      double sum = corners.outside * static_cast<double>(grey[c]);
      for (std::size_t k = 0; k < corners.count; ++k)
        sum += corners.weight[k] * static_cast<double>(picture[c * plane + corners.at[k]]);
      out[c * plane + to] = static_cast<float>(sum);
    }
  });
}

void Jiggle::apply_back(std::span<const float> d_out, std::span<float> d_picture) const {
  const std::size_t plane = static_cast<std::size_t>(shape_[1]) * static_cast<std::size_t>(shape_[2]);
  std::ranges::fill(d_picture, 0.0F);
  each([&](std::size_t from, const Corners& corners) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(shape_[0]); ++c) {
      for (std::size_t k = 0; k < corners.count; ++k)
        d_picture[c * plane + corners.at[k]] +=
            static_cast<float>(corners.weight[k] * static_cast<double>(d_out[c * plane + from]));
    }
  });
}

}  // namespace weightroom::explain
