// add: y = a + b, value by value: where a shortcut meets the main road (He et al. 2016).
#include <strings/op.h>

#include "nn/ops/broadcast.h"

namespace weightroom::nn {
namespace {

struct Sum {
  template <class T>
  static T value(T a, T b) {
    return a + b;
  }
  template <class T>
  static T slope_a(T /*a*/, T /*b*/) {
    return T{1};
  }
  template <class T>
  static T slope_b(T /*a*/, T /*b*/) {
    return T{1};
  }
};

}  // namespace

OpDef add_op() {
  OpDef def = Binary<Sum>::op("add", "Add", text::op_add_summary, text::op_add_words, false);
  def.traits.form = Form::linear;
  def.traits.relevance = Relevance::share;
  def.traits.multiplier = Multiplier::slope;
  def.traits.opens_stage = true;
  return def;
}

OpCases add_cases() { return broadcast::cases(); }

}  // namespace weightroom::nn
