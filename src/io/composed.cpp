#include "io/composed.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace weightroom::io {
namespace {

struct Block {
  char32_t first;
  char32_t end;
};

#include "io/composed.inc"

// A byte that is no part of a character keeps its value above all of them.
constexpr char32_t kNoCharacter = 0x110000;

char32_t next_character(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : 1;
  char32_t code = size == 1 ? (lead < 0x80 ? lead : kNoCharacter + lead) : lead & (0x7FU >> size);
  bool whole = size <= text.size();
  for (std::size_t at = 1; whole && at < size; ++at) {
    whole = (byte(at) & 0xC0U) == 0x80U;
    code = code << 6U | (byte(at) & 0x3FU);
  }
  // Longer than need be, which is no UTF-8 and must not become the short form.
  whole = whole && (size < 3 || code >= 0x800);
  text.remove_prefix(whole ? size : 1);
  return whole ? code : kNoCharacter + lead;
}

void append_character(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80 || code >= kNoCharacter) {
    put(code & 0xFFU);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

char32_t base_at(std::size_t place) {
  const auto byte = [&](std::string_view row) { return static_cast<char32_t>(static_cast<unsigned char>(row[place])); };
  return byte(kUpper) << 8U | byte(kLower);
}

// What a letter is made of: itself where it is not in the table, else another letter and its mark (0: none).
std::array<char32_t, 2> parts_of(char32_t letter) {
  std::size_t at = 0;
  for (const Block& block : kBlocks) {
    if (letter >= block.first && letter < block.end) {
      at += letter - block.first;
      if (kMarkOf[at] == 0) break;
      const auto place = std::ranges::count_if(kMarkOf.substr(0, at), [](char which) { return which != 0; });
      const std::size_t mark = static_cast<unsigned char>(kMarkOf[at]);
      return {base_at(static_cast<std::size_t>(place)), mark < 2 ? U'\0' : kMarks[mark - 2]};
    }
    at += block.end - block.first;
  }
  return {letter, 0};
}

void append_apart(std::vector<char32_t>& out, char32_t letter) {
  const auto [base, mark] = parts_of(letter);
  if (base == letter) return out.push_back(letter);
  append_apart(out, base);
  if (mark != 0) out.push_back(mark);
}

// The letter with this mark; 0: there is none.
char32_t with_mark(char32_t base, char32_t mark) {
  const auto known = std::ranges::find(kMarks, static_cast<char16_t>(mark));
  if (known == kMarks.end() || base > 0xFFFF) return 0;
  const auto which = static_cast<char>(known - kMarks.begin() + 2);
  std::size_t at = 0;
  std::size_t place = 0;
  for (const Block& block : kBlocks) {
    for (char32_t letter = block.first; letter < block.end; ++letter, ++at) {
      if (kMarkOf[at] == which && base_at(place) == base) return letter;
      place += kMarkOf[at] != 0 ? 1 : 0;
    }
  }
  return 0;
}

}  // namespace

std::string composed(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::string(text);
  std::vector<char32_t> apart;
  while (!text.empty()) append_apart(apart, next_character(text));
  std::vector<char32_t> joined;
  for (const char32_t code : apart) {
    const char32_t letter = joined.empty() ? 0 : with_mark(joined.back(), code);
    if (letter != 0) {
      joined.back() = letter;
    } else {
      joined.push_back(code);
    }
  }
  std::string out;
  for (const char32_t code : joined) append_character(out, code);
  return out;
}

}  // namespace weightroom::io
