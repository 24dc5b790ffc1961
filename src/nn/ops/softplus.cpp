// softplus: y = log(1 + exp(x)), a relu without its corner (Dugas et al., "Incorporating second-order functional
// knowledge for better option pricing", 2001).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Softplus : Bare<Softplus> {
  // max(x, 0) + log(1 + exp(-|x|)): the exponent never overflows.
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::larger(x, T{0}) + kernels::log1p_of_share(kernels::exp(kernels::smaller(-x, x)));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return T{1} / (T{1} + kernels::exp(-x));
  }
};

}  // namespace

OpDef softplus_op() {
  OpDef def = Unary<Softplus>::op("softplus", "Softplus", text::op_softplus_summary, text::op_softplus_words, false);
  def.traits.rectifier = true;
  return def;
}

OpCases softplus_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
