#include "train/schedule.h"

#include <algorithm>
#include <numbers>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::train {

double learning_rate(const ScheduleOptions& options, double peak, long long step, long long total) {
  CHECK(step >= 0 && step < total);
  const bool cycle = options.kind == ScheduleKind::one_cycle || options.kind == ScheduleKind::one_cycle_linear;
  // The step that has the peak, counted as PyTorch's OneCycleLR counts it.
  const double top = std::max(0.0, options.rise * static_cast<double>(total) - 1.0);
  const double last = static_cast<double>(total - 1);
  const double now = static_cast<double>(step);
  if (now < top) {
    const double start = cycle ? peak / options.start_divisor : 0.0;
    // Without a start value of its own the first step already moves: step 0 of a warm-up to nothing is a step lost.
    const double share = cycle ? now / top : (now + 1.0) / (top + 1.0);
    return start + (peak - start) * share;
  }
  if (options.kind == ScheduleKind::constant || last <= top) return peak;
  const double end = peak / options.final_divisor;
  const double share = (now - top) / (last - top);
  if (options.kind == ScheduleKind::one_cycle_linear) return peak + (end - peak) * share;
  return end + (peak - end) * 0.5 * (1.0 + base::cos(std::numbers::pi * share));
}

}  // namespace weightroom::train
