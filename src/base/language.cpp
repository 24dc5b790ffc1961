#include "base/language.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include <strings/base.h>
#include <strings/language.h>
#include <strings/list.h>

#include "base/decimal.h"

namespace weightroom::base {
namespace {

constexpr char kFormMark = '\x02';
constexpr unsigned char kAreaEnd = 0x01;

// Sentences of a table by area and place.
struct Language {
  std::vector<unsigned char> bytes{};  // of a table that was handed in
  std::vector<std::vector<std::string_view>> areas{};

  [[nodiscard]] std::string_view find(Text key) const {
    const auto number = static_cast<std::size_t>(key);
    return areas[number >> 8U][number & 255U];
  }
};

// Nothing where a sentence or an area has no end.
std::vector<std::vector<std::string_view>> areas_of(std::span<const unsigned char> table) {
  std::vector<std::vector<std::string_view>> areas(1);
  const std::string_view all(reinterpret_cast<const char*>(table.data()), table.size());
  for (std::size_t at = 0; at < all.size();) {
    if (table[at] == kAreaEnd) {
      areas.emplace_back();
      ++at;
      continue;
    }
    const std::size_t end = all.find('\0', at);
    if (end == std::string_view::npos) return {};
    areas.back().push_back(all.substr(at, end - at));
    at = end + 1;
  }
  if (!areas.back().empty()) return {};
  areas.pop_back();
  return areas;
}

const Language& english() {
  static const Language language{{}, areas_of(english_table())};
  return language;
}

Language& other() {
  static Language language;
  return language;
}

// Categories of CLDR for whole numbers; further languages bring a line.
char category(std::string_view language, std::int64_t n) {
  if (language == "fil") {
    const std::int64_t last = std::abs(n) % 10;
    return last == 4 || last == 6 || last == 9 ? 'o' : '1';
  }
  return n == 1 ? '1' : 'o';
}

std::string_view with_form(std::string_view entry, char wanted) {
  std::string_view found;
  while (!entry.empty()) {  // mark, letter, text up to the next mark
    const std::size_t end = std::min(entry.find(kFormMark, 2), entry.size());
    const std::string_view form = entry.substr(2, end - 2);
    if (entry[1] == wanted) return form;
    if (entry[1] == 'o') found = form;
    entry.remove_prefix(end);
  }
  return found;
}

// What printf wrote, with the language's point and a minus as wide as a plus; no sign before zeros.
std::string with_signs(std::string_view digits) {
  std::string out;
  const bool zero = digits.find_first_not_of("-0.") == std::string_view::npos;
  for (const char c : digits) {
    if (c == '.')
      out += form_of(text::language_point, 0);
    else if (c == '-' && !out.empty())
      out += c;  // of an exponent
    else if (c == '-')
      out += zero ? "" : "−";
    else
      out += c;
  }
  return out;
}

}  // namespace

bool use_language(std::span<const unsigned char> table) {
  Language language{{table.begin(), table.end()}, {}};
  language.areas = areas_of(language.bytes);
  const auto same_count = [](const auto& a, const auto& b) { return a.size() == b.size(); };
  if (!std::ranges::equal(language.areas, english().areas, same_count)) return false;
  other() = std::move(language);
  return true;
}

void use_english() { other() = Language{}; }

std::string_view form_of(Text key, std::int64_t n) {
  const Language& own = other();
  if (!own.areas.empty()) {
    const std::string_view entry = own.find(key);
    if (!entry.empty())
      return entry[0] == kFormMark ? with_form(entry, category(own.find(text::language_code), n)) : entry;
  }
  const std::string_view entry = english().find(key);
  return !entry.empty() && entry[0] == kFormMark ? with_form(entry, category("en", n)) : entry;
}

std::string said(Text key, std::span<const OwnArgument> arguments) {
  const auto named = [&](std::string_view name) {
    return std::ranges::find(arguments, name, [](const OwnArgument& own) { return std::string_view(own.name); });
  };
  const auto count = named("n");
  std::string_view form = form_of(key, count != arguments.end() && count->is_number() ? count->number : 0);
  std::string out;
  while (true) {
    const std::size_t open = form.find('{');
    out += form.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = form.find('}', open);
    const auto argument = named(form.substr(open + 1, close - open - 1));
    out += argument == arguments.end() ? std::string(form.substr(open, close - open + 1)) : argument->said();
    form.remove_prefix(close + 1);
  }
}

std::string_view name_of(Text key) {
  for (const KeyName& known : key_names()) {
    if (known.key == static_cast<std::uint16_t>(key)) return known.name;
  }
  return {};
}

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  const std::string_view sign = form_of(text::language_group, 0);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, sign);
  return digits;
}

namespace {

std::string printed(const char* format, double value, int places) {
  if (std::isnan(value)) return tr(text::base_not_a_number);
  if (std::isinf(value)) return value < 0 ? "−∞" : "∞";
  std::array<char, 400> digits{};  // of the largest double, in full
  std::snprintf(digits.data(), digits.size(), format, places, value);
  return with_signs(digits.data());
}

}  // namespace

std::string fixed(double value, int places) { return printed("%.*f", value, places); }

std::string scientific(double value, int places) { return printed("%.*e", value, places); }

// Beyond five places before the point nobody reads a number, and no cell has room for it.
std::string decimal(double value, int places) {
  return std::abs(value) >= 1e5 ? scientific(value, 2) : fixed(value, places);
}

std::string exact(double value) { return std::isfinite(value) ? with_signs(number_text(value)) : fixed(value, 0); }

std::string exact(float value) {
  return std::isfinite(value) ? with_signs(number_text(value)) : fixed(static_cast<double>(value), 0);
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size == 0.0) return "0";
  if (size >= 1e5 || size < 5e-4) return scientific(value, 0);
  return fixed(value, size >= 100.0 ? 0 : size >= 10.0 ? 1 : size >= 0.1 ? 2 : 3);
}

std::string percent(double share, int places) {
  const double least = std::pow(10.0, -places - 2);
  if (share > 0.0 && share < least) return tr(text::base_percent_below, {{"value", decimal(100.0 * least, places)}});
  return tr(text::base_percent, {{"value", decimal(100.0 * share, places)}});
}

std::string list_of(std::span<const std::string> words, Text last) {
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool ends = i + 1 == words.size();
    all = i == 0 ? words[i] : tr(ends ? last : text::list_comma, {{"list", all}, {"next", words[i]}});
  }
  return all;
}

std::string list_of_some(std::span<const std::string> words, std::size_t bytes) {
  std::size_t shown = 0;
  for (std::size_t taken = 0; shown < words.size() && taken < bytes; ++shown) taken += words[shown].size() + 2;
  const std::string list = list_of(words.first(shown), text::list_comma);
  if (shown == words.size()) return list;
  return tr(text::list_and_more, {{"list", list}, {"n", words.size() - shown}});
}

std::string bytes_text(std::uint64_t bytes) {
  const auto n = static_cast<double>(bytes);
  if (bytes == 0) return "–";
  if (n < 1000.0) return tr(text::base_bytes, {{"value", decimal(n, 0)}});
  if (n < 1e6) return tr(text::base_kilobytes, {{"value", decimal(n / 1e3, n < 1e5 ? 1 : 0)}});
  return tr(text::base_megabytes, {{"value", decimal(n / 1e6, n < 1e7 ? 2 : 1)}});
}

}  // namespace weightroom::base
