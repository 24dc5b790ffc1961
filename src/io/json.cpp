#include "io/json.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <strings/json.h>

#include "base/decimal.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// Builds the value from the parser's events; stops at the first thing that is not allowed.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(LongStrings& long_strings, Text what, int max_depth)
      : error(text::json_unreadable, {{"what", what}}),
        long_strings_(long_strings),
        what_(what),
        max_depth_(max_depth) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override {
    long_strings_.restore(value);
    return put(std::move(value));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    long_strings_.restore(name);
    if (stack_.back()->contains(name)) {
      return refuse({text::json_twice, {{"what", what_}, {"name", in_quotes(name)}}});
    }
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return refuse({text::json_invalid, {{"what", what_}, {"position", long_strings_.place(position)}}});
  }

  Json root;
  Error error;

 private:
  bool refuse(Error why) {
    error = std::move(why);
    return false;
  }

  Json* place(Json&& value) {
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  bool put(Json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(Json&& value) {
    if (static_cast<int>(stack_.size()) >= max_depth_) {
      return refuse({text::json_deep, {{"what", what_}, {"n", max_depth_}}});
    }
    stack_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  LongStrings& long_strings_;
  Text what_;
  int max_depth_;
  std::vector<Json*> stack_;  // stays valid: only the innermost container grows
  std::string key_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, Text what, int max_depth) {
  LongStrings long_strings(text);
  while (!long_strings.step()) continue;
  return parse_json(long_strings, what, max_depth);
}

Result<Json> parse_json(LongStrings& text, Text what, int max_depth) {
  Builder builder(text, what, max_depth);
  // A throwing allocator or a bug of the library must not leave io.
  try {
    if (Json::sax_parse(text.rest(), &builder)) return std::move(builder.root);
  } catch (const std::exception&) {
    builder.error = {text::json_unreadable, {{"what", what}}};
  }
  return std::unexpected(std::move(builder.error));
}

Result<Json> parse_json_object(std::string_view text, Text what, int max_depth) {
  LongStrings long_strings(text);
  while (!long_strings.step()) continue;
  return parse_json_object(long_strings, what, max_depth);
}

Result<Json> parse_json_object(LongStrings& text, Text what, int max_depth) {
  auto json = parse_json(text, what, max_depth);
  if (json && !json->is_object()) return fail(text::json_no_object, {{"what", what}});
  return json;
}

std::string json_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string float_text(float value) { return base::number_text(value); }

void round_to_nine_digits(nlohmann::ordered_json& json) {
  if (json.is_number_float()) {
    char buffer[40];
    std::snprintf(buffer, sizeof(buffer), "%.9g", json.get<double>());
    json = std::strtod(buffer, nullptr);
  } else if (json.is_structured()) {
    for (auto& part : json) round_to_nine_digits(part);
  }
}

}  // namespace weightroom::io
