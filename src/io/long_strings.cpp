#include "io/long_strings.h"

#include <algorithm>
#include <cstdint>

#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kLong = 1U << 14U;  // bytes; shorter ones cost the parser less than a frame

// The closing quote of a string whose text begins at `at`; npos: there is none.
std::size_t end_of(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

// Bytes of the UTF-8 sequence of more than one byte that `text` begins with (RFC 3629); 0: it is none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  // No sequence longer than it need be, no surrogates, nothing beyond U+10FFFF.
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

// What a string says; false where it has anything but plain text, UTF-8 and escapes of one letter.
bool unquote(std::string_view text, std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kNamed = "\"\\/\b\f\n\r\t";
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto stop = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), stands_in_json);
    const auto end = static_cast<std::size_t>(stop - text.begin());
    out += text.substr(at, end - at);
    at = end;
    if (at == text.size()) break;
    if (text[at] == '\\') {
      const std::size_t name = at + 1 < text.size() ? kNames.find(text[at + 1]) : std::string_view::npos;
      if (name == std::string_view::npos) return false;
      out += kNamed[name];
      at += 2;
    } else {
      const std::size_t length = static_cast<std::uint8_t>(text[at]) < 0x80 ? 0 : sequence(text.substr(at));
      if (length == 0) return false;
      out += text.substr(at, length);
      at += length;
    }
  }
  return true;
}

}  // namespace

LongStrings::LongStrings(std::string_view text) : text_(text) {
  if (text.size() < kLong) return;
  std::size_t copied = 0;
  std::size_t index = 0;
  for (std::size_t quote = text.find('"'); quote != std::string_view::npos; ++index) {
    const std::size_t end = end_of(text, quote + 1);
    if (end == std::string_view::npos) break;
    const std::string_view inside = text.substr(quote + 1, end - quote - 1);
    Taken taken{.index = index, .in_rest = 0, .length = inside.size(), .value = {}};
    if (inside.size() >= kLong && unquote(inside, taken.value)) {
      rest_ += text.substr(copied, quote + 1 - copied);
      taken.in_rest = rest_.size();
      taken_.push_back(std::move(taken));
      copied = end;
    }
    quote = text.find('"', end + 1);
  }
  if (!taken_.empty()) rest_ += text.substr(copied);
}

std::size_t LongStrings::place(std::size_t in_rest) const {
  std::size_t place = in_rest;
  for (const Taken& taken : taken_) {
    if (taken.in_rest < in_rest) place += taken.length;
  }
  return place;
}

void LongStrings::restore(std::string& string) {
  if (restored_ < taken_.size() && taken_[restored_].index == passed_) string = std::move(taken_[restored_++].value);
  ++passed_;
}

}  // namespace weightroom::io
