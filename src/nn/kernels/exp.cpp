#include "nn/kernels/exp.h"

#include <limits>

#include "base/check.h"
#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {
namespace {

template <class D, class V>
V exp_vector(D d, V x) {
  const hn::RebindToSigned<D> di;
  const auto low = hn::Set(d, -87.3f);  // below it 2^n would be denormal
  const auto high = hn::Set(d, 88.7f);  // above it 2^n overflows
  const auto is_nan = hn::Ne(x, x);
  const auto too_low = hn::Lt(x, low);
  const auto too_high = hn::Gt(x, high);
  const auto inside = hn::IfThenElse(hn::Or(hn::Or(is_nan, too_low), too_high), hn::Zero(d), x);

  // n = round(x / ln 2): adding 1.5 * 2^23 leaves the nearest whole number in the low bits, ties to
  // even everywhere.
  const auto magic = hn::Set(d, 12582912.0f);
  const auto n = hn::Sub(hn::Add(hn::Mul(inside, hn::Set(d, 1.44269504088896341f)), magic), magic);
  // ln 2 in two parts, the first exact in a product with n.
  auto r = hn::Sub(inside, hn::Mul(n, hn::Set(d, 0.693359375f)));
  r = hn::Sub(r, hn::Mul(n, hn::Set(d, -2.12194440e-4f)));

  auto p = hn::Set(d, 1.9875691500e-4f);
  for (float c : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f}) {
    p = hn::Add(hn::Mul(p, r), hn::Set(d, c));
  }
  const auto e = hn::Add(hn::Add(hn::Mul(hn::Mul(r, r), p), r), hn::Set(d, 1.0f));

  // 2^n in two halves, since n goes from -126 to 128 and one exponent field only to 127.
  const auto whole = hn::ConvertTo(di, n);
  const auto half = hn::ShiftRight<1>(whole);
  const auto bias = hn::Set(di, 127);
  const auto first = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias)));
  const auto second = hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(whole, half), bias)));
  auto y = hn::Mul(hn::Mul(e, first), second);
  y = hn::IfThenElse(too_low, hn::Zero(d), y);
  y = hn::IfThenElse(too_high, hn::Set(d, std::numeric_limits<float>::infinity()), y);
  return hn::IfThenElse(is_nan, x, y);
}

}  // namespace

void exp(std::span<const float> x, float shift, std::span<float> y) {
  CHECK(x.size() == y.size());
  map(x.size(), y.data(), [=, p = x.data()](auto d, std::size_t i) {
    return exp_vector(d, hn::Sub(hn::LoadU(d, p + i), hn::Set(d, shift)));
  });
}

}  // namespace weightroom::nn::kernels
