#include "base/statistics.h"

#include <algorithm>
#include <cmath>

namespace weightroom::base {

double deviation(std::span<const float> values) {
  double mean = 0.0;
  double square = 0.0;
  for (float w : values) {
    mean += static_cast<double>(w);
    square += static_cast<double>(w) * static_cast<double>(w);
  }
  const auto n = static_cast<double>(values.size());
  const double variance = square / n - (mean / n) * (mean / n);
  return variance > 0.0 ? std::sqrt(variance) : std::max(1e-6, std::sqrt(square / n));
}

}  // namespace weightroom::base
