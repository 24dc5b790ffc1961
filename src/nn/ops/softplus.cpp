// softplus: y = log(1 + exp(x)), a relu without its corner (Dugas et al., "Incorporating second-order functional
// knowledge for better option pricing", 2001).
#include <strings/op.h>

#include "base/math.h"
#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Softplus : Bare<Softplus> {
  // max(x, 0) + log(1 + exp(-|x|)): the exponent never overflows.
  template <class T>
  [[nodiscard]] T value(T x) const {
    const auto z = static_cast<double>(x);
    const double rest = base::log(1.0 + base::exp(z < 0.0 ? z : -z));
    return static_cast<T>(z < 0.0 ? rest : z + rest);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return static_cast<T>(1.0 / (1.0 + base::exp(-static_cast<double>(x))));
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
