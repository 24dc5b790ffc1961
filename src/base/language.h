#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"

// The language that sentences and numbers are said in: English, until another is loaded.
namespace weightroom::base {

// A table made by cmake/strings.py: area by area, each sentence of a key ended by a zero byte, each area by 0x01. A
// sentence with plural forms is 0x02, a letter for the form, its text, for each. Empty sentences are said in English.
// False, and nothing changes, where the table has not the areas and keys of English.
[[nodiscard]] bool use_language(std::span<const unsigned char> table);
void use_english();

[[nodiscard]] std::span<const unsigned char> english_table();

// The sentence with its placeholders as they stand, in the plural form for n where it has several.
[[nodiscard]] std::string_view form_of(Text key, std::int64_t n);
[[nodiscard]] std::string said(Text key, std::span<const OwnArgument> arguments);

// The keys as they are written in assets/strings: for tests and for people. Not part of the page, which never asks.
struct KeyName {
  std::uint16_t key;
  const char* name;
};
[[nodiscard]] std::span<const KeyName> key_names();
[[nodiscard]] std::string_view name_of(Text key);

// Numbers for people, with the language's signs; files and the interface always write a point.
[[nodiscard]] std::string grouped(std::uint64_t n);               // "317,416"
[[nodiscard]] std::string decimal(double value, int places = 3);  // "−0.25"; from 1e5 on "1.00e+05"
[[nodiscard]] std::string fixed(double value, int places);        // "−0.25"
[[nodiscard]] std::string scientific(double value, int places);   // "1.00e+05"
[[nodiscard]] std::string exact(double value);                    // "0.1", "−1e-06": as many digits as it takes
[[nodiscard]] std::string exact(float value);
[[nodiscard]] std::string short_number(double value);             // "0.31", "12.5", "2e-05": two or three digits
[[nodiscard]] std::string percent(double share, int places = 1);  // "93.4 %"; above 0 and below what is shown "< 0.1 %"
[[nodiscard]] std::string list_of(std::span<const std::string> words, Text last);  // "a, b or c", by list_or, list_and
// "a, b and 7 more": of many words those that have room in so many bytes.
[[nodiscard]] std::string list_of_some(std::span<const std::string> words, std::size_t bytes);
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);  // "61.4 KB": thousands; a dash for 0, not known

}  // namespace weightroom::base
