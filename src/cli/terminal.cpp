#include "cli/terminal.h"

#include <sstream>

namespace weightroom::cli {

PlainBuffer::int_type PlainBuffer::overflow(int_type ch) {
  if (traits_type::eq_int_type(ch, traits_type::eof())) return traits_type::not_eof(ch);
  const auto put = [this](char c) { return to_->sputc(c); };
  const auto byte = static_cast<unsigned char>(traits_type::to_char_type(ch));
  const bool follows = (byte & 0xC0U) == 0x80U;
  if (held_) {
    held_ = false;
    if (follows && byte < 0xA0) {  // a control character in two bytes
      left_ = 0;
      return put('?');
    }
    put('\xC2');
  }
  if (follows) {
    const bool expected = left_ > 0;
    left_ -= static_cast<int>(expected);
    return put(expected || byte >= 0xA0 ? static_cast<char>(byte) : '?');
  }
  left_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
  if (byte == 0xC2) {
    held_ = true;
    return ch;
  }
  const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
  return put(control ? '?' : static_cast<char>(byte));
}

std::string plain_text(std::string_view text) {
  std::ostringstream out;
  {
    const PlainStream plain(out);
    out << text;
  }
  return out.str();
}

}  // namespace weightroom::cli
