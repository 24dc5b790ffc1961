#include "explain/blur.h"

#include <algorithm>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::explain {
namespace {

// Row i: the shares of all pixels of a line of n in pixel i of the blurred line, from `first` up to `end`.
struct Line {
  int first = 0;
  int end = 0;
  std::vector<double> shares;  // n
};

int mirrored(int i, int n) {
  const int period = 2 * n;
  const int at = ((i % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

std::vector<Line> lines_of(int n, double sigma, Edge edge) {
  const int radius = static_cast<int>(4.0 * sigma + 0.5);
  std::vector<double> kernel;
  double sum = 0.0;
  for (int k = -radius; k <= radius; ++k) {
    kernel.push_back(base::exp(-0.5 * k * k / (sigma * sigma)));
    sum += kernel.back();
  }
  std::vector<Line> lines(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    Line& line = lines[static_cast<std::size_t>(i)];
    line.first = std::max(0, i - radius);
    line.end = std::min(n, i + radius + 1);
    line.shares.assign(static_cast<std::size_t>(n), 0.0);
    for (int k = -radius; k <= radius; ++k) {
      int at = i + k;
      if (at < 0 || at >= n) {
        if (edge == Edge::zero) continue;
        at = mirrored(at, n);
      }
      line.shares[static_cast<std::size_t>(at)] += kernel[static_cast<std::size_t>(k + radius)] / sum;
    }
  }
  return lines;
}

}  // namespace

std::vector<double> gaussian_blur(std::span<const float> x, const nn::Shape& shape, double sigma, Edge edge) {
  CHECK(x.size() == shape.size() && sigma >= 0.0);
  std::vector<double> out(x.begin(), x.end());
  if (sigma == 0.0) return out;
  const int height = shape[1];
  const int width = shape[2];
  const std::vector<Line> rows = lines_of(height, sigma, edge);
  const std::vector<Line> columns = height == width ? rows : lines_of(width, sigma, edge);
  const auto w = static_cast<std::size_t>(width);
  const std::size_t plane = w * static_cast<std::size_t>(height);
  std::vector<double> half(plane);
  std::vector<double> turned(plane);
  for (std::size_t c = 0; c < x.size(); c += plane) {
    for (int y = 0; y < height; ++y) {  // down: whole rows at a time
      const Line& line = rows[static_cast<std::size_t>(y)];
      double* to = half.data() + static_cast<std::size_t>(y) * w;
      std::fill_n(to, w, 0.0);
      for (int k = line.first; k < line.end; ++k) {
        const double share = line.shares[static_cast<std::size_t>(k)];
        const double* from = out.data() + c + static_cast<std::size_t>(k) * w;
        for (std::size_t i = 0; i < w; ++i) to[i] += share * from[i];
      }
    }
    // Across: of the plane lying on its side, whole rows at a time again.
    const auto h = static_cast<std::size_t>(height);
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t i = 0; i < w; ++i) turned[i * h + y] = half[y * w + i];
    }
    for (std::size_t i = 0; i < w; ++i) {
      const Line& line = columns[i];
      double* to = half.data() + i * h;
      std::fill_n(to, h, 0.0);
      for (int k = line.first; k < line.end; ++k) {
        const double share = line.shares[static_cast<std::size_t>(k)];
        const double* from = turned.data() + static_cast<std::size_t>(k) * h;
        for (std::size_t y = 0; y < h; ++y) to[y] += share * from[y];
      }
    }
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t i = 0; i < w; ++i) out[c + y * w + i] = half[i * h + y];
    }
  }
  return out;
}

}  // namespace weightroom::explain
