#pragma once

#include <string>
#include <vector>

#include "nn/op.h"

// What every op is timed on (timing/ops.h).
namespace weightroom::nn {

// One way of using an op, at a size that the nets of the field have.
struct OpUse {
  const OpDef* op = nullptr;
  std::string how;  // what tells it from another use of the op; mostly empty
  Attributes attributes;
  std::vector<Shape> inputs;
  double least = 0.0;      // of the input's values
  bool yardstick = false;  // what the others are measured by: relu
};

// Every op of the registry that computes anything, at least once.
[[nodiscard]] std::vector<OpUse> op_uses();

}  // namespace weightroom::nn
