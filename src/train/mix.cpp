#include "train/mix.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::train {
namespace {

// A random order; a picture may meet itself, which leaves it as it is.
std::vector<std::size_t> shuffled(std::size_t n, base::Rng& rng) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
  return order;
}

struct Box {
  int top, left, height, width;
};

// A rectangle of the picture's proportions that covers about `area` of it.
Box draw_box(const Extents& e, double area, base::Rng& rng) {
  const double side = std::sqrt(area);
  const int height = std::clamp(static_cast<int>(e.height * side), 0, e.height);
  const int width = std::clamp(static_cast<int>(e.width * side), 0, e.width);
  const int top = static_cast<int>(rng.below(static_cast<std::uint32_t>(e.height - height + 1)));
  const int left = static_cast<int>(rng.below(static_cast<std::uint32_t>(e.width - width + 1)));
  return {top, left, height, width};
}

void paste(const Extents& e, const Box& box, const float* from, float* to) {
  for (int c = 0; c < e.channels; ++c) {
    for (int y = box.top; y < box.top + box.height; ++y) {
      const int row = (c * e.height + y) * e.width + box.left;
      std::copy(from + row, from + row + box.width, to + row);
    }
  }
}

}  // namespace

double draw_beta(double alpha, base::Rng& rng) {
  if (alpha == 1.0) return rng.uniform();
  for (;;) {
    // uniform() may be 0, whose logarithm pow cannot take.
    const double x = base::pow(rng.uniform() + 0x1p-33, 1.0 / alpha);
    const double y = base::pow(rng.uniform() + 0x1p-33, 1.0 / alpha);
    if (x + y > 0.0 && x + y <= 1.0) return x / (x + y);
  }
}

void mix(const MixOptions& options, const Extents& extents, base::Rng& rng, std::span<float> pictures,
         std::span<Target> targets, std::span<float> scratch) {
  if (options.mixup <= 0.0 && options.cutmix <= 0.0) return;
  if (rng.uniform() >= options.probability) return;
  const std::size_t size = extents.size();
  CHECK(pictures.size() == size * targets.size() && scratch.size() >= pictures.size());
  const bool cuts = options.cutmix > 0.0 && (options.mixup <= 0.0 || rng.below(2) == 1);
  const std::vector<std::size_t> partner = shuffled(targets.size(), rng);
  double share = draw_beta(cuts ? options.cutmix : options.mixup, rng);
  std::ranges::copy(pictures, scratch.begin());
  if (cuts) {
    const Box box = draw_box(extents, 1.0 - share, rng);
    share = 1.0 - static_cast<double>(box.height * box.width) / (extents.height * extents.width);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      paste(extents, box, scratch.data() + partner[i] * size, pictures.data() + i * size);
    }
  } else {
    const auto own = static_cast<float>(share);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const float* other = scratch.data() + partner[i] * size;
      float* to = pictures.data() + i * size;
      for (std::size_t k = 0; k < size; ++k) to[k] = own * to[k] + (1.0F - own) * other[k];
    }
  }
  std::vector<int> labels(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) labels[i] = targets[i].first;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    targets[i].second = labels[partner[i]];
    targets[i].share = static_cast<float>(share);
  }
}

}  // namespace weightroom::train
