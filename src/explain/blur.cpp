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

// Sum of the rows of `from`, n values each, times their shares, in the order of the rows. Four at a time, so that the
// sum is read and written once for them.
void sum_rows(const double* from, std::size_t n, const Line& line, double* to) {
  std::fill_n(to, n, 0.0);
  const double* const shares = line.shares.data();
  auto k = static_cast<std::size_t>(line.first);
  const auto end = static_cast<std::size_t>(line.end);
  for (; k + 4 <= end; k += 4) {
    const double* const rows = from + k * n;
    for (std::size_t i = 0; i < n; ++i) {
      to[i] = to[i] + shares[k] * rows[i] + shares[k + 1] * rows[n + i] + shares[k + 2] * rows[2 * n + i] +
              shares[k + 3] * rows[3 * n + i];
    }
  }
  for (; k < end; ++k) {
    for (std::size_t i = 0; i < n; ++i) to[i] += shares[k] * from[k * n + i];
  }
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
    const auto h = static_cast<std::size_t>(height);
    for (std::size_t y = 0; y < h; ++y) sum_rows(out.data() + c, w, rows[y], half.data() + y * w);  // down
    // Across: of the plane lying on its side, whole rows at a time again.
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t i = 0; i < w; ++i) turned[i * h + y] = half[y * w + i];
    }
    for (std::size_t i = 0; i < w; ++i) sum_rows(turned.data(), h, columns[i], half.data() + i * h);
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t i = 0; i < w; ++i) out[c + y * w + i] = half[i * h + y];
    }
  }
  return out;
}

}  // namespace weightroom::explain
