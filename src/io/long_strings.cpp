#include "io/long_strings.h"

#include <algorithm>
#include <cstdint>

#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kLong = 1U << 14U;  // bytes; shorter ones cost the parser less than a frame

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

}  // namespace

LongStrings::LongStrings(std::string_view text) : text_(text), at_(text.size() < kLong ? text.size() : 0) {}

bool LongStrings::step() {
  constexpr std::size_t kAtOnce = 1U << 17U;  // bytes: some milliseconds where the code has not been optimised yet
  for (const std::size_t last = at_ + std::min(kAtOnce, text_.size() - at_); at_ < last;) {
    if (!in_string_) {
      const std::size_t quote = text_.substr(0, last).find('"', at_);
      at_ = std::min(quote, last);
      if (at_ == last) break;
      begin_ = ++at_;
      in_string_ = plain_ = true;
      value_.clear();
      continue;
    }
    const auto part = text_.substr(at_, last - at_);
    pass(static_cast<std::size_t>(std::find_if_not(part.begin(), part.end(), stands_in_json) - part.begin()));
    if (at_ == last) break;
    if (text_[at_] == '"') {
      end_string();
    } else if (text_[at_] == '\\') {
      pass_escape();
    } else {
      const std::size_t length = static_cast<std::uint8_t>(text_[at_]) < 0x80 ? 0 : sequence(text_.substr(at_));
      plain_ = plain_ && length > 0;
      pass(std::max<std::size_t>(1, length));
    }
  }
  if (at_ < text_.size()) return false;
  finish();
  return true;
}

void LongStrings::pass(std::size_t bytes) {
  if (plain_) value_ += text_.substr(at_, bytes);
  at_ += bytes;
}

void LongStrings::pass_escape() {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kNamed = "\"\\/\b\f\n\r\t";
  const std::size_t name = at_ + 1 < text_.size() ? kNames.find(text_[at_ + 1]) : std::string_view::npos;
  plain_ = plain_ && name != std::string_view::npos;
  if (plain_) value_ += kNamed[name];
  at_ = std::min(text_.size(), at_ + 2);
}

void LongStrings::end_string() {
  const std::size_t length = at_ - begin_;
  if (plain_ && length >= kLong) {
    rest_ += text_.substr(copied_, begin_ - copied_);
    taken_.push_back({.index = index_, .in_rest = rest_.size(), .length = length, .value = std::move(value_)});
    value_ = {};
    copied_ = at_;
  }
  in_string_ = false;
  ++index_;
  ++at_;
}

void LongStrings::finish() {
  if (taken_.empty()) return;
  rest_ += text_.substr(copied_);
  copied_ = text_.size();
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
