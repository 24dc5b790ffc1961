// sub: y = a - b, value by value.
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Difference {
  template <class T>
  static T value(T a, T b) {
    return a - b;
  }
  template <class T>
  static T slope_a(T /*a*/, T /*b*/) {
    return T{1};
  }
  template <class T>
  static T slope_b(T /*a*/, T /*b*/) {
    return T{-1};
  }
};

}  // namespace

OpDef sub_op() {
  OpDef def = Binary<Difference>::op("sub", "Sub", text::op_sub_summary, text::op_sub_words, false);
  def.traits.form = Form::linear;
  def.traits.relevance = Relevance::share;
  def.traits.multiplier = Multiplier::slope;
  return def;
}

OpCases sub_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
