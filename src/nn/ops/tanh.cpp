// tanh: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Tanh : Bare<Tanh> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::tanh(x);
  }
  template <class T>
  [[nodiscard]] T slope(T /*x*/, T y) const {
    return T{1} - y * y;
  }
};

}  // namespace

OpDef tanh_op() { return Unary<Tanh>::op("tanh", "Tanh", text::op_tanh_summary, text::op_tanh_words, false); }

OpCases tanh_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
