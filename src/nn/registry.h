#pragma once

#include <span>
#include <string_view>

#include "nn/op.h"

namespace weightroom::nn {

// All ops, in the order of ops.inc.
[[nodiscard]] std::span<const OpDef> ops();

// nullptr where there is none of that name.
[[nodiscard]] const OpDef* find_op(std::string_view name);

}  // namespace weightroom::nn
