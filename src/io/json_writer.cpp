#include "io/json_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/decimal.h"
#include "io/json.h"

namespace weightroom::io {
namespace {

// Most text is that: what else there is, json_text() knows how to write.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
}

std::string quoted(std::string_view text) {
  if (!is_plain(text)) return json_text(Json(text));
  std::string out;
  out.reserve(text.size() + 2);
  return ((out += '"') += text) += '"';
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

void JsonWriter::put(std::string_view name, const JsonWriter& value) {
  text_.pop_back();
  if (text_.size() > 1) text_ += ',';
  (text_ += quoted(name)) += ':';
  (text_ += value.text_) += '}';
}

void JsonWriter::push_back(const JsonWriter& value) {
  text_.pop_back();
  if (text_.size() > 1) text_ += ',';
  (text_ += value.text_) += ']';
}

}  // namespace weightroom::io
