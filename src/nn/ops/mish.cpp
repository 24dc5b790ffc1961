// mish: y = x tanh(log(1 + exp(x))) (Misra, "Mish: a self regularized non-monotonic activation function", 2019).
#include <strings/op.h>

#include "base/math.h"
#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Mish : Bare<Mish> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return static_cast<T>(static_cast<double>(x) * bend(exponential(x)));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    const double e = exponential(x);
    const double t = bend(e);
    return static_cast<T>(t + static_cast<double>(x) * (1.0 - t * t) * (e / (1.0 + e)));
  }

 private:
  // From here on the tanh is 1 to the last bit, and its square does not overflow.
  template <class T>
  static double exponential(T x) {
    const auto z = static_cast<double>(x);
    return base::exp(z > 40.0 ? 40.0 : z);
  }
  // tanh(log(1 + e)), of which the logarithm goes away.
  static double bend(double e) {
    const double n = e * (e + 2.0);
    return n / (n + 2.0);
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
