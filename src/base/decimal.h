#pragma once

#include <string>

namespace weightroom::base {

// A finite number as decimal digits: d.ddd x 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits;  // the first one is 0 only in "0"
  int exponent = 0;    // of the first digit
};

// The fewest digits that read back as the same number, and of those the nearest (Steele and White 1990, as ECMA-262's
// Number::toString asks for). By trying: the C++ library's own tables for it take 100 KB of the page.
[[nodiscard]] Decimal shortest_decimal(double value);
[[nodiscard]] Decimal shortest_decimal(float value);

// "0.15", "1e-06": whichever of the two notations is shorter, the plain one where they tie.
[[nodiscard]] std::string to_text(const Decimal& decimal);
// The same of any number: "nan", "inf", "-inf" where it is not finite.
[[nodiscard]] std::string number_text(double value);
[[nodiscard]] std::string number_text(float value);

}  // namespace weightroom::base
