#include "train/degrade.h"

#include <array>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::train {
namespace {

constexpr std::array kGreyShares{0.299F, 0.587F, 0.114F};

void make_grey(const nn::Preprocessing& preprocessing, std::span<float> picture) {
  const std::size_t plane = picture.size() / 3;
  for (std::size_t i = 0; i < plane; ++i) {
    float grey = 0.0F;
    for (std::size_t c = 0; c < 3; ++c)
      grey += kGreyShares[c] * (picture[c * plane + i] * preprocessing.std[c] + preprocessing.mean[c]);
    for (std::size_t c = 0; c < 3; ++c) picture[c * plane + i] = (grey - preprocessing.mean[c]) / preprocessing.std[c];
  }
}

// Weights of a line of 2 r + 1 values, r their count from the middle.
std::vector<float> gaussian(double sigma) {
  const int reach = static_cast<int>(std::ceil(3.0 * sigma));
  std::vector<float> weights(static_cast<std::size_t>(2 * reach) + 1);
  double sum = 0.0;
  for (int k = -reach; k <= reach; ++k) sum += base::exp(-0.5 * (k / sigma) * (k / sigma));
  for (int k = -reach; k <= reach; ++k)
    weights[static_cast<std::size_t>(k + reach)] =
        static_cast<float>(base::exp(-0.5 * (k / sigma) * (k / sigma)) / sum);
  return weights;
}

// One line of `count` values, `step` floats from one to the next.
void blur_line(std::span<const float> weights, float* line, int count, int step, std::vector<float>& copy) {
  const int reach = static_cast<int>(weights.size() / 2);
  copy.resize(static_cast<std::size_t>(count + 2 * reach));
  for (int i = -reach; i < count + reach; ++i)
    copy[static_cast<std::size_t>(i + reach)] = line[static_cast<std::ptrdiff_t>(mirrored_index(i, count)) * step];
  for (int i = 0; i < count; ++i) {
    float sum = 0.0F;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * copy[static_cast<std::size_t>(i) + k];
    line[static_cast<std::ptrdiff_t>(i) * step] = sum;
  }
}

void blur(double sigma, const Extents& e, std::span<float> picture) {
  const std::vector<float> weights = gaussian(sigma);
  std::vector<float> copy;
  float* plane = picture.data();
  for (int c = 0; c < e.channels; ++c, plane += static_cast<std::ptrdiff_t>(e.height) * e.width) {
    for (int y = 0; y < e.height; ++y)
      blur_line(weights, plane + static_cast<std::ptrdiff_t>(y) * e.width, e.width, 1, copy);
    for (int x = 0; x < e.width; ++x) blur_line(weights, plane + x, e.height, e.width, copy);
  }
}

}  // namespace

void degrade(const DegradeOptions& options, const Extents& extents, const nn::Preprocessing& preprocessing,
             base::Rng& rng, std::span<float> picture) {
  CHECK(picture.size() == extents.size());
  if (options.grey > 0.0 && extents.channels == 3 && rng.uniform(0.0, 1.0) < options.grey)
    make_grey(preprocessing, picture);
  if (options.blur <= 0.0 || rng.uniform(0.0, 1.0) >= options.blur_probability) return;
  // Less than this moves no value by a grey level.
  const double sigma = rng.uniform(0.0, options.blur);
  if (sigma > 0.2) blur(sigma, extents, picture);
}

}  // namespace weightroom::train
