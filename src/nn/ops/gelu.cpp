// gelu: y = x Phi(x), Phi the normal distribution (Hendrycks and Gimpel, "Gaussian error linear units", 2016); with
// `tanh` their approximation 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

constexpr double kRootHalf = 0.7071067811865476;
constexpr double kOneOverRootTwoPi = 0.3989422804014327;
constexpr double kRootTwoOverPi = 0.7978845608028654;
constexpr double kCubic = 0.044715;

struct Gelu {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"tanh"};
  bool approximate = false;

  static Result<Gelu> read(const Attributes& attributes) {
    const auto flag = read_flag(attributes, "tanh", false);
    if (!flag) return std::unexpected(flag.error());
    return Gelu{*flag};
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    return T{0.5} * x * (T{1} + (approximate ? bent(x) : kernels::erf(x * static_cast<T>(kRootHalf))));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    const T half{0.5};
    if (approximate) {
      const T t = bent(x);
      const T inner = static_cast<T>(kRootTwoOverPi) * (T{1} + static_cast<T>(3.0 * kCubic) * x * x);
      return half * (T{1} + t) + half * x * (T{1} - t * t) * inner;
    }
    const T share = half * (T{1} + kernels::erf(x * static_cast<T>(kRootHalf)));
    return share + x * static_cast<T>(kOneOverRootTwoPi) * kernels::exp(-half * x * x);
  }

 private:
  template <class T>
  [[nodiscard]] static T bent(T x) {
    return kernels::tanh(static_cast<T>(kRootTwoOverPi) * (x + static_cast<T>(kCubic) * x * x * x));
  }
};

}  // namespace

OpDef gelu_op() {
  OpDef def = Unary<Gelu>::op("gelu", "Gelu", text::op_gelu_summary, text::op_gelu_words, false);
  def.traits.rectifier = true;
  return def;
}

OpCases gelu_cases() {
  const Attributes bent{{"tanh", 1LL}};
  return unary_cases({{}, bent}, {{{"tanh", 2LL}}});
}

}  // namespace weightroom::nn
