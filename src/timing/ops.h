#pragma once

#include <nlohmann/json.hpp>

#include "nn/op_uses.h"

// What every op costs by itself, for each value that it moves.
namespace weightroom::timing {

// Nanoseconds for each value of the larger one of input and output, on one thread, of data that the nearest caches
// hold: the fastest of so many runs of some milliseconds each.
struct OpTiming {
  double forward = 0.0;
  double input_gradient = 0.0;  // into a gradient that holds nothing yet, as in a net without branches
  double all_gradients = 0.0;   // of the inputs and of the weights
};
[[nodiscard]] OpTiming time_op(const nn::OpUse& use, int runs);

// An array of {"op", "how", "forward_ns", "input_gradient_ns", "all_gradients_ns", "forward_of_relu", ...}: the last as
// multiples of what relu takes.
[[nodiscard]] nlohmann::ordered_json time_ops(int runs);

}  // namespace weightroom::timing
