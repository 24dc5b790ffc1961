#include "explain/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <strings/removal.h>

#include "base/check.h"

namespace weightroom::explain {
namespace {

// What is no number counts as nothing, so that an order there is.
float number(float value) { return std::isfinite(value) ? value : 0.0F; }

// Places from the smallest key to the largest, of equal ones the first first. Of a hundred thousand values, so that the
// library's sort is worth its code.
std::vector<std::size_t> ascending(std::span<const float> values, float sign) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(sign * number(values[i]), i); });
  return order;
}

// Ranks from 0, equal values sharing their mean.
std::vector<double> ranks(std::span<const float> values) {
  const std::vector<std::size_t> order = ascending(values, 1.0F);
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && number(values[order[end]]) == number(values[order[i]])) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = 0.5 * static_cast<double>(i + end - 1);
    i = end;
  }
  return rank;
}

double largest(std::span<const float> values) {
  double most = 0.0;
  for (float value : values) most = std::max(most, std::fabs(static_cast<double>(value)));
  return most;
}

// Sums of a and b and their products over a rectangle, from tables of running sums.
class RunningSums {
 public:
  RunningSums(std::span<const float> a, std::span<const float> b, int height, int width) : width_(width + 1) {
    const double a_scale = largest(a) > 0.0 ? 1.0 / largest(a) : 0.0;
    const double b_scale = largest(b) > 0.0 ? 1.0 / largest(b) : 0.0;
    for (auto& table : tables_) table.assign(static_cast<std::size_t>((height + 1) * width_), 0.0);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const auto i = static_cast<std::size_t>(y * width + x);
        const double p = static_cast<double>(a[i]) * a_scale;
        const double q = static_cast<double>(b[i]) * b_scale;
        const double terms[] = {p, q, p * p, q * q, p * q};
        for (std::size_t t = 0; t < 5; ++t)
          at(t, y + 1, x + 1) = terms[t] + at(t, y, x + 1) + at(t, y + 1, x) - at(t, y, x);
      }
    }
  }
  [[nodiscard]] double sum(std::size_t t, int y, int x, int h, int w) {
    return at(t, y + h, x + w) - at(t, y, x + w) - at(t, y + h, x) + at(t, y, x);
  }

 private:
  double& at(std::size_t t, int y, int x) { return tables_[t][static_cast<std::size_t>(y * width_ + x)]; }
  int width_;
  std::vector<double> tables_[5];
};

}  // namespace

double spearman(std::span<const float> a, std::span<const float> b) {
  CHECK(a.size() == b.size() && !a.empty());
  const std::vector<double> p = ranks(a);
  const std::vector<double> q = ranks(b);
  const double mean = 0.5 * (static_cast<double>(a.size()) - 1.0);
  double pq = 0.0, pp = 0.0, qq = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    pq += (p[i] - mean) * (q[i] - mean);
    pp += (p[i] - mean) * (p[i] - mean);
    qq += (q[i] - mean) * (q[i] - mean);
  }
  return pp == 0.0 || qq == 0.0 ? 0.0 : pq / std::sqrt(pp * qq);
}

double structural_similarity(std::span<const float> a, std::span<const float> b, int height, int width) {
  constexpr double kRange = 2.0;
  constexpr double kC1 = (0.01 * kRange) * (0.01 * kRange);
  constexpr double kC2 = (0.03 * kRange) * (0.03 * kRange);
  CHECK(a.size() == b.size() && a.size() == static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  const int h = std::min(7, height);
  const int w = std::min(7, width);
  const double n = static_cast<double>(h) * w;
  RunningSums sums(a, b, height, width);
  double total = 0.0;
  for (int y = 0; y + h <= height; ++y) {
    for (int x = 0; x + w <= width; ++x) {
      const double p = sums.sum(0, y, x, h, w) / n;
      const double q = sums.sum(1, y, x, h, w) / n;
      const double pp = sums.sum(2, y, x, h, w) / n - p * p;
      const double qq = sums.sum(3, y, x, h, w) / n - q * q;
      const double pq = sums.sum(4, y, x, h, w) / n - p * q;
      total += (2.0 * p * q + kC1) * (2.0 * pq + kC2) / ((p * p + q * q + kC1) * (pp + qq + kC2));
    }
  }
  return total / (static_cast<double>(height - h + 1) * (width - w + 1));
}

double gini(std::span<const float> values) {
  constexpr double kLeast = 1e-7;
  std::vector<float> sizes(values.size());
  std::ranges::transform(values, sizes.begin(), [](float v) { return std::fabs(v); });
  const std::vector<std::size_t> order = ascending(sizes, 1.0F);
  const auto n = static_cast<double>(sizes.size());
  double weighted = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double size = static_cast<double>(sizes[order[i]]) + kLeast;
    weighted += (2.0 * static_cast<double>(i + 1) - n - 1.0) * size;
    total += size;
  }
  return weighted / (n * total);
}

std::vector<std::size_t> descending(std::span<const float> values) { return ascending(values, -1.0F); }

double Curve::area(std::span<const double> of) {
  if (of.size() < 2) return 0.0;
  const double sum = std::accumulate(of.begin(), of.end(), 0.0);
  return (sum - 0.5 * of.front() - 0.5 * of.back()) / static_cast<double>(of.size() - 1);
}

Text removal_title(Removal removal) {
  switch (removal) {
    case Removal::deletion:
      return text::removal_deletion_title;
    case Removal::insertion:
      return text::removal_insertion_title;
    case Removal::pixel_flipping:
      return text::removal_pixel_flipping_title;
    case Removal::road:
      return text::removal_road_title;
  }
  return text::removal_road_title;
}

Text removal_summary(Removal removal) {
  switch (removal) {
    case Removal::deletion:
      return text::removal_deletion_help;
    case Removal::insertion:
      return text::removal_insertion_help;
    case Removal::pixel_flipping:
      return text::removal_pixel_flipping_help;
    case Removal::road:
      return text::removal_road_help;
  }
  return text::removal_road_help;
}

}  // namespace weightroom::explain
