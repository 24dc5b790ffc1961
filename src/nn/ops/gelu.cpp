// gelu: y = x Phi(x), Phi the normal distribution (Hendrycks and Gimpel, "Gaussian error linear units", 2016); with
// `tanh` their approximation 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
#include <strings/op.h>

#include "base/math.h"
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
    const auto z = static_cast<double>(x);
    if (approximate) return static_cast<T>(0.5 * z * (1.0 + base::tanh(kRootTwoOverPi * (z + kCubic * z * z * z))));
    return static_cast<T>(0.5 * z * (1.0 + base::erf(z * kRootHalf)));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    const auto z = static_cast<double>(x);
    if (approximate) {
      const double bent = base::tanh(kRootTwoOverPi * (z + kCubic * z * z * z));
      const double inner = kRootTwoOverPi * (1.0 + 3.0 * kCubic * z * z);
      return static_cast<T>(0.5 * (1.0 + bent) + 0.5 * z * (1.0 - bent * bent) * inner);
    }
    const double share = 0.5 * (1.0 + base::erf(z * kRootHalf));
    return static_cast<T>(share + z * kOneOverRootTwoPi * base::exp(-0.5 * z * z));
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
