// mul: y = a b, value by value: how a gate opens and closes channels (Hu et al., "Squeeze-and-excitation networks",
// 2018).
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Product {
  template <class T>
  static T value(T a, T b) {
    return a * b;
  }
  template <class T>
  static T slope_a(T /*a*/, T b) {
    return b;
  }
  template <class T>
  static T slope_b(T a, T /*b*/) {
    return a;
  }
};

}  // namespace

OpDef mul_op() {
  OpDef def = Binary<Product>::op("mul", "Mul", text::op_mul_summary, text::op_mul_words, false);
  def.traits.form = Form::curved;
  def.traits.relevance = Relevance::factor;
  def.traits.multiplier = Multiplier::product;
  def.traits.product = true;
  return def;
}

OpCases mul_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
