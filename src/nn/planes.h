#pragma once

#include "nn/op.h"

// One node's work shared out among threads, and cuts, by planes (H,W), for ops that are `planewise` on tensors
// (N,C,H,W); by rows of tensors of any shape where they are `pointwise` too.
namespace weightroom::nn {

[[nodiscard]] bool goes_by_planes(const OpDef& op, std::span<const Shape> inputs, const Shape& output);
void forward_by_planes(const OpDef& op, const ForwardArgs& args);
void backward_by_planes(const OpDef& op, const BackwardArgs& args);

}  // namespace weightroom::nn
