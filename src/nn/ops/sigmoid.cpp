// sigmoid: y = 1 / (1 + exp(-x)).
#include <strings/op.h>

#include "base/math.h"
#include "nn/kernels/exp.h"
#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Sigmoid : Bare<Sigmoid> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return static_cast<T>(1.0 / (1.0 + base::exp(-static_cast<double>(x))));
  }
  template <class T>
  [[nodiscard]] T slope(T /*x*/, T y) const {
    return y * (T{1} - y);
  }
};

void forward(const ForwardArgs& args) {
  const float* x = args.inputs[0].data;
  const auto y = args.output.values();
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = -x[i];
  kernels::exp(y, 0.0F, y);
  for (float& value : y) value = 1.0F / (1.0F + value);
}

}  // namespace

OpDef sigmoid_op() {
  OpDef def = Unary<Sigmoid>::op("sigmoid", "Sigmoid", text::op_sigmoid_summary, text::op_sigmoid_words, false);
  def.traits.answer = Answer::sigmoid;
  def.traits.gate = true;
  def.forward = forward;
  return def;
}

OpCases sigmoid_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
