#pragma once

#include <cmath>
#include <cstdlib>
#include <string>

namespace weightroom::base {

// True where the whole text is a finite decimal number. By strtod, since the page's standard library has no from_chars
// for reals; the alphabet keeps out what strtod takes besides (hexadecimal, blanks, words).
inline bool read_real(const std::string& text, double& out) {
  if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string::npos) return false;
  char* end = nullptr;
  out = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size() && std::isfinite(out);
}

}  // namespace weightroom::base
