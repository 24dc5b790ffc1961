#include "base/base64.h"

namespace weightroom::base {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (i + k < bytes.size() ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

Result<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  const auto refused = [] { return fail("The text is not base64."); };
  if (text.size() % 4 != 0) return refused();
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t digits = !last || text[i + 3] != '=' ? 4 : text[i + 2] != '=' ? 3 : 2;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < digits; ++k) {
      const std::size_t value = kDigits.find(text[i + k]);
      if (value == std::string_view::npos) return refused();
      group |= static_cast<std::uint32_t>(value) << (18U - 6U * k);
    }
    // One text for each content: what lies below the last byte is zero.
    if ((group & (0xFFFFFFU >> (8U * (digits - 1)))) != 0 && digits < 4) return refused();
    for (std::size_t k = 0; k + 1 < digits; ++k)
      bytes.push_back(static_cast<std::uint8_t>(group >> (16U - 8U * k) & 0xFFU));
  }
  return bytes;
}

}  // namespace weightroom::base
