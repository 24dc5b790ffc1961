// power: y = x^exponent. Of a negative x only whole exponents have a power; of 0 only positive ones.
#include <cmath>
#include <limits>

#include <strings/op.h>

#include "base/math.h"
#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

// Of an exponent that is neither a small whole number nor 1/2.
double raise_one(double x, double exponent) {
  if (x == 0.0) return exponent > 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
  if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
  return base::pow(x, exponent);
}
double raise_each(double x, double exponent) { return raise_one(x, exponent); }
float raise_each(float x, double exponent) { return static_cast<float>(raise_one(static_cast<double>(x), exponent)); }
// A power by logarithms of floats would miss by as many last places as the exponent is large.
template <class D>
kernels::Lanes<D> raise_each(kernels::Lanes<D> x, double exponent) {
  return kernels::lane_by_lane(x, [=](float one) { return raise_each(one, exponent); });
}

template <class T>
T raise(T x, double exponent) {
  if (exponent == 2.0) return x * x;
  if (std::floor(exponent) == exponent && std::abs(exponent) <= 64.0) {
    T result{1};
    for (int i = 0; i < static_cast<int>(std::abs(exponent)); ++i) result = result * x;
    return exponent < 0.0 ? T{1} / result : result;
  }
  if (exponent == -0.5) return T{1} / kernels::sqrt(x);
  return exponent == 0.5 ? kernels::sqrt(x) : raise_each(x, exponent);
}

// The power that networks are made of: no loop asks which it is.
struct Square {
  template <class T>
  [[nodiscard]] T value(T x) const {
    return x * x;
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return T{2} * x;
  }
};
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
    return raise(x, exponent);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    if (exponent == 0.0) return T{0};
    return static_cast<T>(exponent) * raise(x, exponent - 1.0);
  }
  template <class Use>
  void specific(const Use& use) const {
    if (exponent == 2.0) return use(Square());
    use(*this);
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
