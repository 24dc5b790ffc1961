// min: y = the smaller of a and b, value by value; where they are equal, a.
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Smaller {
  template <class T>
  static T value(T a, T b) {
    return kernels::where(b < a, b, a);
  }
  template <class T>
  static T slope_a(T a, T b) {
    return kernels::where(b < a, T{0}, T{1});
  }
  template <class T>
  static T slope_b(T a, T b) {
    return kernels::where(b < a, T{1}, T{0});
  }
};

}  // namespace

OpDef min_op() {
  OpDef def = Binary<Smaller>::op("min", "Min", text::op_min_summary, text::op_min_words, true);
  def.traits.form = Form::kinked;
  def.traits.relevance = Relevance::follow;
  def.traits.multiplier = Multiplier::own;
  def.traits.homogeneous = true;
  def.multipliers = Binary<Smaller>::multipliers;
  return def;
}

OpCases min_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
