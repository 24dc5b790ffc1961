// max: y = the larger of a and b, value by value; where they are equal, a.
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Larger {
  template <class T>
  static T value(T a, T b) {
    return kernels::where(a < b, b, a);
  }
  template <class T>
  static T slope_a(T a, T b) {
    return kernels::where(a < b, T{0}, T{1});
  }
  template <class T>
  static T slope_b(T a, T b) {
    return kernels::where(a < b, T{1}, T{0});
  }
};

}  // namespace

OpDef max_op() {
  OpDef def = Binary<Larger>::op("max", "Max", text::op_max_summary, text::op_max_words, true);
  def.traits.form = Form::kinked;
  def.traits.relevance = Relevance::follow;
  def.traits.multiplier = Multiplier::own;
  def.traits.homogeneous = true;
  def.multipliers = Binary<Larger>::multipliers;
  return def;
}

OpCases max_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
