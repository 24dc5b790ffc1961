// leaky_relu: y = x where x >= 0, else alpha x (Maas et al. 2013).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct LeakyRelu {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"alpha"};
  double alpha = 0.01;

  static Result<LeakyRelu> read(const Attributes& attributes) {
    const auto alpha = read_finite(attributes, "alpha", 0.01);
    if (!alpha) return std::unexpected(alpha.error());
    return LeakyRelu{*alpha};
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::where(x < T{0}, static_cast<T>(alpha) * x, x);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return kernels::where(x < T{0}, static_cast<T>(alpha), T{1});
  }
  static std::uint8_t piece(float x, float /*y*/) { return x > 0.0F ? 1 : 0; }
};

}  // namespace

OpDef leaky_relu_op() {
  OpDef def =
      Unary<LeakyRelu>::op("leaky_relu", "LeakyRelu", text::op_leaky_relu_summary, text::op_leaky_relu_words, true);
  def.traits.rectifier = true;
  def.traits.homogeneous = true;
  return def;
}

OpCases leaky_relu_cases() {
  const Attributes steep{{"alpha", 0.25}};
  return unary_cases({{}, steep}, {{{"alpha", std::string("steep")}}});
}

}  // namespace weightroom::nn
