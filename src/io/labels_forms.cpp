// The forms in which other programs keep the names of classes.
#include "io/labels_forms.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <strings/labels.h>

#include "io/labels.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

using Names = std::vector<std::string>;
constexpr int kDeepestList = 6;  // lists within lists

// A value of JSON, or of Python as it is printed: quotes of either kind, round brackets, a comma behind the last one.
struct Value {
  enum class Kind { word, whole_number, other, list, object };
  Kind kind = Kind::other;
  std::string word{};  // as it stands, of a number too
  std::vector<Value> items{};
  std::vector<Value> keys{};  // of an object: as many as there are items
};

void add_character(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  out += static_cast<char>((0xFF00U >> static_cast<unsigned>(more + 1) & 0xFFU) | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80U | (code >> (6 * i) & 0x3FU));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Value> whole() {
    auto value = read(0);
    return value && !peek() ? value : std::nullopt;
  }

 private:
  // The next character that is no blank, which stays; 0 at the end.
  char peek() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::optional<Value> read(int depth) {
    const char c = peek();
    if (depth > kDeepestList || c == '\0') return std::nullopt;
    if (c == '"' || c == '\'') return read_word();
    if (c == '[') return read_all(Value::Kind::list, ']', depth);
    if (c == '(') return read_all(Value::Kind::list, ')', depth);
    if (c == '{') return read_all(Value::Kind::object, '}', depth);
    return read_plain();
  }

  std::optional<Value> read_all(Value::Kind kind, char end, int depth) {
    Value all;
    all.kind = kind;
    ++at_;
    while (!take(end)) {
      if (!all.items.empty() && !take(',')) return std::nullopt;
      if (!all.items.empty() && take(end)) break;
      auto value = read(depth + 1);
      if (value && kind == Value::Kind::object) {
        if (!take(':')) return std::nullopt;
        all.keys.push_back(std::move(*value));
        value = read(depth + 1);
      }
      if (!value) return std::nullopt;
      all.items.push_back(std::move(*value));
    }
    return all;
  }

  // A number, true, None ...
  std::optional<Value> read_plain() {
    Value value;
    const std::size_t first = at_;
    while (at_ < text_.size() && !std::string_view(",:]}) \t\r\n").contains(text_[at_])) ++at_;
    value.word = text_.substr(first, at_ - first);
    const bool digits = std::ranges::all_of(value.word, [](char c) { return c >= '0' && c <= '9'; });
    value.kind = digits ? Value::Kind::whole_number : Value::Kind::other;
    return value.word.empty() ? std::nullopt : std::optional(std::move(value));
  }

  std::optional<Value> read_word() {
    Value value;
    value.kind = Value::Kind::word;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' ? !read_escape(value.word) : (value.word += text_[at_++], false)) return std::nullopt;
    }
    return at_++ < text_.size() ? std::optional(std::move(value)) : std::nullopt;
  }

  std::optional<std::uint32_t> read_hex(std::size_t digits) {
    std::uint32_t code = 0;
    if (text_.size() - at_ < digits) return std::nullopt;
    const char* first = text_.data() + at_;
    at_ += digits;
    const auto [end, error] = std::from_chars(first, first + digits, code, 16);
    return end == first + digits ? std::optional(code) : std::nullopt;
  }

  bool read_escape(std::string& out) {
    if (text_.size() - at_ < 2) return false;
    const char c = text_[at_ + 1];
    at_ += 2;
    if (c != 'u' && c != 'x') {
      out += c == 'n' || c == 't' || c == 'r' ? ' ' : c;
      return true;
    }
    auto code = read_hex(c == 'u' ? 4 : 2);
    if (code && *code >= 0xD800 && *code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {  // the first half of one
      at_ += 2;
      const auto low = read_hex(4);
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    if (!code || (*code >= 0xD800 && *code < 0xE000)) return false;
    add_character(out, *code);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::size_t> number_of(std::string_view word) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return !word.empty() && end == word.data() + word.size() && error == std::errc() ? std::optional(number)
                                                                                   : std::nullopt;
}

// A name, or the last one of a list as ["n01440764", "tench"].
const std::string* name_in(const Value& value) {
  if (value.kind == Value::Kind::word) return &value.word;
  if (value.kind != Value::Kind::list || value.items.empty()) return nullptr;
  const Value& last = value.items.back();
  return last.kind == Value::Kind::word ? &last.word : nullptr;
}

// Each name at its number; nothing where a number is missing or comes twice.
std::optional<Names> in_order(std::vector<std::pair<std::size_t, std::string>> numbered) {
  Names names(numbered.size());
  std::vector<bool> taken(numbered.size());
  for (auto& [number, name] : numbered) {
    if (number >= names.size() || taken[number]) return std::nullopt;
    taken[number] = true;
    names[number] = std::move(name);
  }
  return names;
}

std::optional<Names> names_in(const Value& value, int depth = 0);

// By number, or the number by name.
std::optional<Names> names_in_object(const Value& object, int depth) {
  std::vector<std::pair<std::size_t, std::string>> numbered;
  for (std::size_t i = 0; i < object.items.size(); ++i) {
    const Value& key = object.keys[i];
    const Value& value = object.items[i];
    const std::string* name = name_in(value);
    const auto at = name != nullptr                           ? number_of(key.word)
                    : value.kind == Value::Kind::whole_number ? number_of(value.word)
                                                              : std::nullopt;
    if (at) numbered.emplace_back(*at, name != nullptr ? *name : key.word);
  }
  if (!object.items.empty() && numbered.size() == object.items.size()) return in_order(std::move(numbered));
  for (const char* key : {"id2label", "labels", "classes", "class_names", "names"}) {
    const auto found = std::ranges::find(object.keys, key, &Value::word);
    if (found == object.keys.end() || depth > 1) continue;
    return names_in(object.items[static_cast<std::size_t>(found - object.keys.begin())], depth + 1);
  }
  return std::nullopt;
}

std::optional<Names> names_in(const Value& value, int depth) {
  if (value.kind == Value::Kind::object) return names_in_object(value, depth);
  if (value.kind != Value::Kind::list) return std::nullopt;
  Names names;
  for (const Value& item : value.items) {
    const std::string* name = name_in(item);
    if (name == nullptr) return std::nullopt;
    names.push_back(*name);
  }
  return names;
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What stands in quotes, with a quote in it doubled.
std::string unquoted(std::string_view text) {
  text = without_blanks(text);
  if (text.size() < 2 || (text[0] != '"' && text[0] != '\'') || text.back() != text[0]) return std::string(text);
  const char quote = text[0];
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    out += text[i];
    if (text[i] == quote && text[i + 1] == quote && i + 2 < text.size()) ++i;
  }
  return out;
}

// "0 cat", "0: cat", "0, cat", "1. cat": where each line has the number of its place, from 0 or from 1.
std::optional<Names> from_numbered(const Names& lines) {
  if (lines.size() < 2) return std::nullopt;
  Names names;
  const std::size_t from = lines[0].starts_with('1') ? 1 : 0;
  for (const std::string_view line : lines) {
    const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    if (number_of(line.substr(0, digits)) != names.size() + from || digits == line.size()) return std::nullopt;
    std::string_view rest = line.substr(digits);
    const bool blank = rest[0] == ' ' || rest[0] == '\t';
    rest = without_blanks(rest);
    const bool mark = !rest.empty() && std::string_view(":,;.)=").contains(rest[0]);
    if (!blank && !mark) return std::nullopt;
    if (mark) rest = without_blanks(rest.substr(1));
    if (rest.ends_with(',')) rest.remove_suffix(1);
    if (without_blanks(rest).empty()) return std::nullopt;
    names.push_back(unquoted(rest));
  }
  return names;
}

// Two columns, one of which numbers the classes from 0, in whatever order; a first line may name the columns.
std::optional<Names> from_columns(const Names& lines, char between) {
  std::vector<std::pair<std::size_t, std::string>> first;   // numbers in the first column
  std::vector<std::pair<std::size_t, std::string>> second;  // or in the second one
  for (const std::string_view line : lines) {
    const bool head = &line[0] == lines[0].data();
    const std::size_t left = line.find(between);
    const std::size_t right = line.rfind(between);
    if (left == std::string_view::npos) return std::nullopt;
    const auto before = number_of(without_blanks(line.substr(0, left)));
    const auto behind = number_of(without_blanks(line.substr(right + 1)));
    if (!before && !behind && !head) return std::nullopt;
    if (before) first.emplace_back(*before, unquoted(line.substr(left + 1)));
    if (behind) second.emplace_back(*behind, unquoted(line.substr(0, right)));
  }
  for (auto* numbered : {&first, &second}) {
    if (numbered->size() < 2 || numbered->size() + 1 < lines.size()) continue;
    if (auto names = in_order(std::move(*numbered))) return names;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Names> labels_in_brackets(std::string_view text) {
  const auto value = Reader(text).whole();
  return value ? names_in(*value) : std::nullopt;
}

std::optional<Names> labels_in_lines(const Names& lines) {
  if (auto names = from_numbered(lines)) return names;
  for (const char between : {',', ';', '\t'}) {
    if (auto names = from_columns(lines, between)) return names;
  }
  return std::nullopt;
}

}  // namespace weightroom::io
