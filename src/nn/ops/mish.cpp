// mish: y = x tanh(log(1 + exp(x))) (Misra, "Mish: a self regularized non-monotonic activation function", 2019).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Mish : Bare<Mish> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return x * bend(exponential(x));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    const T e = exponential(x);
    const T n = e * (e + T{2}) + T{2};
    // 1 - tanh^2 is 4 (1 + e)^2 / n^2, the softplus's slope e / (1 + e).
    return bend(e) + x * (T{4} * e / n) * ((T{1} + e) / n);
  }

 private:
  // From here on the tanh is 1 to the last bit, and its square does not overflow.
  template <class T>
  static T exponential(T x) {
    return kernels::exp(kernels::smaller(T{40}, x));
  }
  // tanh(log(1 + e)), of which the logarithm goes away.
  template <class T>
  static T bend(T e) {
    const T n = e * (e + T{2});
    return n / (n + T{2});
  }
};

}  // namespace

OpDef mish_op() {
  OpDef def = Unary<Mish>::op("mish", "Mish", text::op_mish_summary, text::op_mish_words, false);
  def.traits.rectifier = true;
  return def;
}

OpCases mish_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
