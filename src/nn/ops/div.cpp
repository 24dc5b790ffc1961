// div: y = a / b, value by value.
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Quotient {
  template <class T>
  static T value(T a, T b) {
    return a / b;
  }
  template <class T>
  static T slope_a(T /*a*/, T b) {
    return T{1} / b;
  }
  template <class T>
  static T slope_b(T a, T b) {
    return -a / (b * b);
  }
};

}  // namespace

OpDef div_op() {
  OpDef def = Binary<Quotient>::op("div", "Div", text::op_div_summary, text::op_div_words, false);
  def.traits.form = Form::curved;
  def.traits.relevance = Relevance::dividend;
  def.traits.multiplier = Multiplier::own;
  def.multipliers = Binary<Quotient>::multipliers;
  return def;
}

OpCases div_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
