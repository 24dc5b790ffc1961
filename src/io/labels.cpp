#include "io/labels.h"

#include <algorithm>
#include <charconv>

#include <strings/labels.h>

#include "base/language.h"
#include "io/file_kind.h"
#include "io/labels_forms.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Bytes of the UTF-8 character that begins here; 0 where none does.
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0  // a continuation, or longer than need be
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  if (length < 3) return length;
  const unsigned char second = byte(at + 1);
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return too_long || surrogate || beyond ? 0 : length;
}

bool is_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_at(text, at);
    const auto first = static_cast<unsigned char>(text[at]);
    const bool control = (first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F;
    if (length == 0 || control) return false;
    at += length;
  }
  return true;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = line.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view{}
                                         : line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && is_text(text) && text.find_first_of("\t\n\r") == text.npos;
}

Result<int> find_class(const std::vector<std::string>& labels, std::string_view name) {
  const auto named = std::ranges::find(labels, name);
  if (named != labels.end()) return static_cast<int>(named - labels.begin());
  int index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (error == std::errc() && end == name.data() + name.size()) {
    if (index >= 0 && static_cast<std::size_t>(index) < labels.size()) return index;
    return fail(text::labels_no_number, {{"number", name}, {"n", labels.size()}});
  }
  constexpr std::size_t kMostListed = 200;  // bytes
  return fail(text::labels_no_class, {{"name", in_quotes(name)}, {"classes", base::list_of_some(labels, kMostListed)}});
}

namespace {

Result<std::vector<std::string>> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (lines.size() > kMostLabels) return fail(text::labels_too_many, {{"n", kMostLabels}});
    lines.emplace_back(line);
  }
  return lines;
}

Status check_labels(const std::vector<std::string>& labels) {
  if (labels.empty()) return fail(text::labels_none);
  if (labels.size() > kMostLabels) return fail(text::labels_too_many, {{"n", kMostLabels}});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) return fail(text::labels_nameless, {{"number", i + 1}});
    if (labels[i].size() > kLongestLabel) {
      return fail(text::labels_too_long, {{"number", i + 1}, {"n", kLongestLabel}, {"name", in_quotes(labels[i])}});
    }
    if (!is_label(labels[i])) return fail(text::labels_not_text);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> parse_labels(std::span<const std::byte> bytes) {
  std::string_view text = as_text(bytes);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto refused = [&](Text why) {
    return std::unexpected(refusal_of("", bytes, {why}, {FileKind::labels, FileKind::text}));
  };
  if (!is_text(text)) return refused(text::labels_not_text);
  auto lines = lines_of(text);
  if (!lines) return lines;
  const bool brackets = !lines->empty() && (lines->front()[0] == '{' || lines->front()[0] == '[');
  auto labels = brackets ? labels_in_brackets(text) : labels_in_lines(*lines);
  // A name may begin with a bracket; what ends with one too, or is alone, is no list of names.
  if (!labels && brackets && (lines->size() == 1 || lines->back().back() == '}' || lines->back().back() == ']')) {
    return refused(text::labels_brackets);
  }
  if (!labels) labels = std::move(*lines);
  for (std::string& label : *labels) std::ranges::replace(label, '\t', ' ');
  if (auto ok = check_labels(*labels); !ok) return std::unexpected(ok.error());
  return std::move(*labels);
}

}  // namespace weightroom::io
