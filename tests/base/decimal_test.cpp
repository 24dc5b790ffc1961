#include "base/decimal.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::base {
namespace {

// The library's shortest form is the oracle.
template <class Real>
void agrees(Real value) {
  for (const Real signed_value : {value, -value}) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), signed_value, std::chars_format::scientific).ptr;
    const Decimal found = shortest_decimal(signed_value);
    const std::string fraction = found.digits.size() > 1 ? "." + found.digits.substr(1) : "";
    const int size = std::abs(found.exponent);
    EXPECT_EQ((found.negative ? "-" : "") + found.digits.substr(0, 1) + fraction + (found.exponent < 0 ? "e-" : "e+") +
                  (size < 10 ? "0" : "") + std::to_string(size),
              std::string(buffer, end));
  }
}

TEST(Decimal, AsText) {
  for (const double value : {0.0, 1.0, 10.0, -0.15, 0.1, 1e-5, 1e-6, 100.0, 1e5, 1e6, 123456.0, 0.001, 1234.5, 1e21}) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
    EXPECT_EQ(to_text(shortest_decimal(value)), std::string(buffer, end));
  }
  EXPECT_EQ(number_text(0.3F), "0.3");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(number_text(std::numeric_limits<float>::quiet_NaN()), "nan");
}

TEST(Decimal, OfNumbersThatPeopleWrite) {
  for (const double value : {0.0, 1.0, 10.0, 0.15, 0.1, 1e-5, 1e-6, 100.0, 1e6, 123456.0, 0.001, 1e21, 1e22, 5e-324,
                             9007199254740993.0, 0.30000000000000004, 1.7976931348623157e308, 1.0 / 3.0}) {
    agrees(value);
    agrees(static_cast<float>(value) < std::numeric_limits<float>::infinity() ? static_cast<float>(value) : 1.0F);
  }
}

TEST(Decimal, OfEveryPowerOfTwo) {
  for (int k = -1074; k <= 1023; ++k) agrees(std::ldexp(1.0, k));
  for (int k = -149; k <= 127; ++k) agrees(std::ldexp(1.0F, k));
}

TEST(Decimal, OfAnyBits) {
  Rng rng(1, "decimal");
  for (int i = 0; i < 4000; ++i) {
    const auto high = static_cast<std::uint64_t>(rng.next());
    const auto whole = std::bit_cast<double>(high << 32U | rng.next());
    const auto single = std::bit_cast<float>(rng.next());
    if (std::isfinite(whole)) agrees(std::fabs(whole));
    if (std::isfinite(single)) agrees(std::fabs(single));
  }
}

}  // namespace
}  // namespace weightroom::base
