#include "io/json_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/decimal.h"
#include "io/json.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// What ASCII there is that may not stand in a string as it is, as json_text() writes it.
void append_escaped(std::string& out, char c) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  out += '\\';
  if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
    out += kNames[at];
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4U];
  out += kDigits[static_cast<unsigned char>(c) & 15U];
}

// In stretches: a header of a hundred thousand names is written while the page waits. What is no ASCII may be no UTF-8
// either, which json_text() knows how to write.
void append_quoted(std::string& out, std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::ranges::all_of(text, is_ascii)) {
    out += json_text(Json(text));
    return;
  }
  out += '"';
  for (auto at = text.begin(); at != text.end(); ++at) {
    const auto stop = std::find_if_not(at, text.end(), stands_in_json);
    out.append(at, stop);
    at = stop;
    if (at == text.end()) break;
    append_escaped(out, *at);
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

}  // namespace

JsonWriter::JsonWriter(std::nullptr_t) : text_("null") {}

JsonWriter::JsonWriter(std::initializer_list<Field> fields) : text_("{}") {
  for (const Field& field : fields) put(field.name, field.value);
}

JsonWriter::JsonWriter(double value) : text_("null") {
  if (!std::isfinite(value)) return;
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.9g", value);
  text_ = buffer;
}

JsonWriter::JsonWriter(bool value) : text_(value ? "true" : "false") {}

JsonWriter::JsonWriter(std::string_view text) : text_(quoted(text)) {}

JsonWriter::JsonWriter(const char* text) : JsonWriter(std::string_view(text)) {}

JsonWriter::JsonWriter(const std::string& text) : JsonWriter(std::string_view(text)) {}

JsonWriter::JsonWriter(Whole value) : text_(std::to_string(value.value)) {}

JsonWriter JsonWriter::array(std::initializer_list<JsonWriter> values) {
  JsonWriter array = raw("[]");
  for (const JsonWriter& value : values) array.push_back(value);
  return array;
}

JsonWriter JsonWriter::exact(double value) { return std::isfinite(value) ? raw(base::number_text(value)) : nullptr; }

JsonWriter JsonWriter::raw(std::string_view json) {
  JsonWriter writer;
  writer.text_ = json;
  return writer;
}

JsonWriter JsonWriter::text_or_null(const std::string& text) { return text.empty() ? JsonWriter() : JsonWriter(text); }

JsonWriter JsonWriter::place_or_null(int place) { return place < 0 ? JsonWriter() : JsonWriter(place); }

// The brace or bracket gives way to what comes before it.
void JsonWriter::reopen() {
  text_.pop_back();
  if (text_.size() > 1) text_ += ',';
}

void JsonWriter::put(std::string_view name, const JsonWriter& value) {
  reopen();
  append_quoted(text_, name);
  text_ += ':';
  (text_ += value.text_) += '}';
}

void JsonWriter::push_back(const JsonWriter& value) {
  reopen();
  (text_ += value.text_) += ']';
}

void JsonWriter::push_text(std::string_view text) {
  reopen();
  append_quoted(text_, text);
  text_ += ']';
}

}  // namespace weightroom::io
