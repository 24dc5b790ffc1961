// sigmoid: y = 1 / (1 + exp(-x)).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Sigmoid : Bare<Sigmoid> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return T{1} / (T{1} + kernels::exp(-x));
  }
  template <class T>
  [[nodiscard]] T slope(T /*x*/, T y) const {
    return y * (T{1} - y);
  }
};

}  // namespace

OpDef sigmoid_op() {
  OpDef def = Unary<Sigmoid>::op("sigmoid", "Sigmoid", text::op_sigmoid_summary, text::op_sigmoid_words, false);
  def.traits.answer = Answer::sigmoid;
  def.traits.gate = true;
  return def;
}

OpCases sigmoid_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
