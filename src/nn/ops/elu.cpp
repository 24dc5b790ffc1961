// elu: y = scale x where x >= 0, else scale alpha (exp(x) - 1) (Clevert et al., "Fast and accurate deep network
// learning by exponential linear units", 2016). With their alpha and scale it is selu (Klambauer et al.,
// "Self-normalizing neural networks", 2017).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Elu {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"alpha", "scale"};
  double alpha;
  double scale;

  static Result<Elu> read(const Attributes& attributes) {
    const auto alpha = read_finite(attributes, "alpha", 1.0);
    if (!alpha) return std::unexpected(alpha.error());
    const auto scale = read_finite(attributes, "scale", 1.0);
    if (!scale) return std::unexpected(scale.error());
    return Elu{*alpha, *scale};
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    const T below = kernels::smaller(x, T{0});
    return kernels::where(x < T{0}, static_cast<T>(scale * alpha) * kernels::expm1(below), static_cast<T>(scale) * x);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return kernels::where(x < T{0}, static_cast<T>(scale * alpha) * kernels::exp(x), static_cast<T>(scale));
  }
};

}  // namespace

OpDef elu_op() {
  OpDef def = Unary<Elu>::op("elu", "Elu", text::op_elu_summary, text::op_elu_words, true);
  def.traits.rectifier = true;
  return def;
}

OpCases elu_cases() {
  const Attributes selu{{"alpha", 1.6732632423543772}, {"scale", 1.0507009873554805}};
  return unary_cases({{}, {{"alpha", 0.5}}, selu}, {{{"scale", std::string("large")}}});
}

}  // namespace weightroom::nn
