#include "nn/registry.h"

#include <algorithm>

namespace weightroom::nn {

#define OP(name) OpDef name##_op();
#include "nn/ops.inc"
#undef OP

std::span<const OpDef> ops() {
  static const std::vector<OpDef> all = {
#define OP(name) name##_op(),
#include "nn/ops.inc"
#undef OP
  };
  return all;
}

const OpDef* find_op(std::string_view name) {
  const auto all = ops();
  const auto it = std::ranges::find(all, name, &OpDef::name);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace weightroom::nn
