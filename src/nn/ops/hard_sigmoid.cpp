// hard_sigmoid: y = alpha x + beta, held between 0 and 1.
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct HardSigmoid {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"alpha", "beta"};
  double alpha;
  double beta;

  static Result<HardSigmoid> read(const Attributes& attributes) {
    const auto alpha = read_finite(attributes, "alpha", 0.2);
    if (!alpha) return std::unexpected(alpha.error());
    const auto beta = read_finite(attributes, "beta", 0.5);
    if (!beta) return std::unexpected(beta.error());
    return HardSigmoid{*alpha, *beta};
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    const T line = static_cast<T>(alpha) * x + static_cast<T>(beta);
    return kernels::within(line, 0.0, 1.0);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    const T line = static_cast<T>(alpha) * x + static_cast<T>(beta);
    return kernels::where(kernels::both(line > T{0}, line < T{1}), static_cast<T>(alpha), T{0});
  }
  static std::uint8_t piece(float /*x*/, float y) { return y <= 0.0F ? 0 : y >= 1.0F ? 2 : 1; }
};

}  // namespace

OpDef hard_sigmoid_op() {
  OpDef def = Unary<HardSigmoid>::op("hard_sigmoid", "HardSigmoid", text::op_hard_sigmoid_summary,
                                     text::op_hard_sigmoid_words, true);
  def.traits.gate = true;
  return def;
}

OpCases hard_sigmoid_cases() {
  const Attributes steep{{"alpha", 0.5}, {"beta", 0.4}};
  return unary_cases({{}, steep}, {{{"beta", std::string("half")}}});
}

}  // namespace weightroom::nn
