#pragma once

namespace weightroom::train {

enum class ScheduleKind { constant, cosine, one_cycle, one_cycle_linear };

// How the step size goes over a run. The rise is linear in every kind.
// - constant: 0 to the peak over `rise`, then flat.
// - cosine: 0 to the peak over `rise`, then half a cosine down to peak / final_divisor (Loshchilov and Hutter, "SGDR",
// 2017).
// - one_cycle: from peak / start_divisor up to the peak, then half a cosine down to peak / final_divisor (Smith and
// Topin,
//   "Super-Convergence", 2017); one_cycle_linear comes down on a straight line.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::one_cycle;
  double rise = 0.3;  // share of the steps
  double start_divisor = 25.0;
  double final_divisor = 250000.0;
};

// Step size of step `step` (0 .. total-1) of a run whose highest is `peak`. The last step has exactly the final value.
[[nodiscard]] double learning_rate(const ScheduleOptions& options, double peak, long long step, long long total);

}  // namespace weightroom::train
