#include "nn/op_cases.h"

namespace weightroom::nn {

#define OP(name) OpCases name##_cases();
#include "nn/ops.inc"
#undef OP

OpCases op_cases(std::string_view name) {
#define OP(known) \
  if (name == #known) return known##_cases();
#include "nn/ops.inc"
#undef OP
  return {};
}

}  // namespace weightroom::nn
