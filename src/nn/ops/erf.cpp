// erf: the error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; exporters spell GELU with it.
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Erf : Bare<Erf> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::erf(x);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    constexpr double kTwoOverRootPi = 1.1283791670955126;
    return static_cast<T>(kTwoOverRootPi) * kernels::exp(-x * x);
  }
};

}  // namespace

OpDef erf_op() { return Unary<Erf>::op("erf", "Erf", text::op_erf_summary, text::op_erf_words, false); }

OpCases erf_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
