// hard_swish: y = x times (x / 6 + 1/2 held between 0 and 1) (Howard et al., "Searching for MobileNetV3", 2019).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct HardSwish : Bare<HardSwish> {
  template <class T>
  [[nodiscard]] static T gate(T x) {
    return kernels::within(x / T{6} + T{0.5}, 0.0, 1.0);
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    return x * gate(x);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return kernels::where(x <= T{-3}, T{0}, kernels::where(x >= T{3}, T{1}, x / T{3} + T{0.5}));
  }
};

}  // namespace

OpDef hard_swish_op() {
  OpDef def =
      Unary<HardSwish>::op("hard_swish", "HardSwish", text::op_hard_swish_summary, text::op_hard_swish_words, true);
  def.traits.rectifier = true;
  return def;
}

OpCases hard_swish_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
