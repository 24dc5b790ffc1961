// log: y = ln(max(x, 1e-30)), so that a share of nothing has a logit that is a number.
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

constexpr double kLeast = 1e-30;

struct Log : Bare<Log> {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::log(kernels::where(x < static_cast<T>(kLeast), static_cast<T>(kLeast), x));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return kernels::where(x > static_cast<T>(kLeast), T{1} / x, T{0});
  }
};

}  // namespace

OpDef log_op() { return Unary<Log>::op("log", "Log", text::op_log_summary, text::op_log_words, false); }

OpCases log_cases() { return unary_cases({{}}, {}); }

}  // namespace weightroom::nn
