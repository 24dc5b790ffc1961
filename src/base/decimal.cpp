#include "base/decimal.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"

namespace weightroom::base {
namespace {

double read_as(const char* text, double) { return std::strtod(text, nullptr); }
float read_as(const char* text, float) { return std::strtof(text, nullptr); }

std::string written(const Decimal& decimal) {
  return (decimal.negative ? "-" : "") + decimal.digits.substr(0, 1) + "." + decimal.digits.substr(1) + "e" +
         std::to_string(decimal.exponent);
}

// The nearest decimal of so many digits.
Decimal rounded(double value, int digits) {
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.*e", digits - 1, std::fabs(value));
  Decimal found{std::signbit(value), {}, 0};
  const char* at = buffer;
  for (; *at != 'e'; ++at) {
    if (*at >= '0' && *at <= '9') found.digits += *at;
  }
  found.exponent = std::atoi(at + 1);
  return found;
}

// The next one away from zero.
Decimal next_up(Decimal decimal) {
  std::size_t i = decimal.digits.size();
  while (i > 0 && decimal.digits[i - 1] == '9') decimal.digits[--i] = '0';
  if (i > 0) {
    ++decimal.digits[i - 1];
  } else {
    decimal.digits.insert(0, 1, '1').pop_back();
    ++decimal.exponent;
  }
  return decimal;
}

template <class Real>
Decimal shortest(Real value) {
  CHECK(std::isfinite(value));
  constexpr int kMost = sizeof(Real) == sizeof(double) ? 17 : 9;
  for (int digits = 1;; ++digits) {
    const Decimal nearest = rounded(static_cast<double>(value), digits);
    if (digits == kMost || read_as(written(nearest).c_str(), value) == value) return nearest;
    // At a power of two the numbers below lie closer than those above: what is nearest may read back as one of them,
    // while the next one up still reads back as the number itself.
    const Decimal up = next_up(nearest);
    if (read_as(written(up).c_str(), value) == value) return up;
  }
}

}  // namespace

Decimal shortest_decimal(double value) { return shortest(value); }
Decimal shortest_decimal(float value) { return shortest(value); }

std::string to_text(const Decimal& decimal) {
  const std::string& digits = decimal.digits;
  const int count = static_cast<int>(digits.size());
  const int point = decimal.exponent + 1;  // digits before it
  std::string plain;
  if (point <= 0) {
    plain = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (point >= count) {
    plain = digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else {
    plain = digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  }
  const int size = std::abs(decimal.exponent);
  std::string power = digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "");
  power += decimal.exponent < 0 ? "e-" : "e+";
  power += (size < 10 ? "0" : "") + std::to_string(size);
  return (decimal.negative ? "-" : "") + (plain.size() <= power.size() ? plain : power);
}

namespace {

template <class Real>
std::string any_text(Real value) {
  if (std::isfinite(value)) return to_text(shortest_decimal(value));
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

}  // namespace

std::string number_text(double value) { return any_text(value); }
std::string number_text(float value) { return any_text(value); }

}  // namespace weightroom::base
