// power: y = x^exponent. Of a negative x only whole exponents have a power; of 0 only positive ones.
#include <cmath>
#include <limits>

#include <strings/op.h>

#include "base/math.h"
#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

double raise(double x, double exponent) {
  if (exponent == 0.0) return 1.0;
  const bool whole = std::floor(exponent) == exponent && std::abs(exponent) <= 64.0;
  if (whole) {
    double result = 1.0;
    for (int i = 0; i < static_cast<int>(std::abs(exponent)); ++i) result *= x;
    return exponent < 0.0 ? 1.0 / result : result;
  }
  if (x == 0.0) return exponent > 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
  if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
  if (exponent == 0.5) return std::sqrt(x);
  return base::pow(x, exponent);
}

struct Power {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"exponent"};
  double exponent = 1.0;

  static Result<Power> read(const Attributes& attributes) {
    const auto exponent = read_finite(attributes, "exponent", 1.0);
    if (!exponent) return std::unexpected(exponent.error());
    return Power{*exponent};
  }
  template <class T>
  [[nodiscard]] T value(T x) const {
    return static_cast<T>(raise(static_cast<double>(x), exponent));
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    if (exponent == 0.0) return T{0};
    return static_cast<T>(exponent * raise(static_cast<double>(x), exponent - 1.0));
  }
};

}  // namespace

OpDef power_op() {
  OpDef def = Unary<Power>::op("power", "Pow", text::op_power_summary, text::op_power_words, false);
  return def;
}

OpCases power_cases() {
  const Attributes square{{"exponent", 2.0}};
  const Attributes cube{{"exponent", 3.0}};
  return unary_cases({square, cube, {}}, {{{"exponent", std::string("two")}}});
}

}  // namespace weightroom::nn
