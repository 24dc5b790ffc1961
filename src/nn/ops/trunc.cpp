// trunc: y = x without what stands behind the decimal point, towards 0; its derivative is 0 wherever it has one.
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Trunc : Bare<Trunc> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::trunc(x) + T{0};  // there is no -0 among whole numbers
  }
  template <class T>
  [[nodiscard]] T slope(T /*x*/, T /*y*/) const {
    return T{0};
  }
  static std::uint8_t piece(float x, float y) {
    const bool small = y < 100.0F && y > -100.0F;
    return small ? static_cast<std::uint8_t>(static_cast<int>(y) + 101) : x > 0.0F ? 255 : 0;
  }
};

}  // namespace

OpDef trunc_op() { return Unary<Trunc>::op("trunc", "Cast", text::op_trunc_summary, text::op_trunc_words, true); }

OpCases trunc_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
