#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weightroom::io {

// JSON that is only written: text from the start, fields in the order they are given. What builds it takes about a
// third of the code that a tree of values takes, and the page loads all of its code before anything is seen.
//   JsonWriter state{{"name", "conv2"}, {"shape", std::vector<int>{8, 3, 3}}};
//   state.put("edited", true);
class JsonWriter {
 public:
  struct Field;

  JsonWriter(std::nullptr_t = nullptr);             // NOLINT(google-explicit-constructor): stands for the value
  JsonWriter(std::initializer_list<Field> fields);  // an object
  // NaN and infinity, which JSON has no word for, are null. Nine significant digits: enough to tell any two floats
  // apart, and no more.
  JsonWriter(double value);             // NOLINT(google-explicit-constructor)
  JsonWriter(bool value);               // NOLINT(google-explicit-constructor)
  JsonWriter(std::string_view text);    // NOLINT(google-explicit-constructor): bytes that are no UTF-8 become U+FFFD
  JsonWriter(const char* text);         // NOLINT(google-explicit-constructor)
  JsonWriter(const std::string& text);  // NOLINT(google-explicit-constructor)
  template <std::integral T>
  JsonWriter(T value) : JsonWriter(Whole{static_cast<std::int64_t>(value)}) {}  // NOLINT(google-explicit-constructor)
  template <class T>
  JsonWriter(const std::vector<T>& values) : JsonWriter(array()) {  // NOLINT(google-explicit-constructor)
    for (const auto& value : values) {
      if constexpr (std::is_convertible_v<T, std::string_view>) {
        push_text(value);
      } else {
        push_back(value);
      }
    }
  }

  [[nodiscard]] static JsonWriter array(std::initializer_list<JsonWriter> values = {});
  [[nodiscard]] static JsonWriter object() { return JsonWriter(std::initializer_list<Field>{}); }
  // With every digit that tells the number from its neighbours.
  [[nodiscard]] static JsonWriter exact(double value);
  // Text that is JSON already.
  [[nodiscard]] static JsonWriter raw(std::string_view json);
  // Empty text as null, and a negative place.
  [[nodiscard]] static JsonWriter text_or_null(const std::string& text);
  [[nodiscard]] static JsonWriter place_or_null(int place);

  // Of an object: adds a field, whose name it must not have yet. Of an array: adds a value.
  void put(std::string_view name, const JsonWriter& value);
  void push_back(const JsonWriter& value);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  struct Whole {
    std::int64_t value;
  };
  explicit JsonWriter(Whole value);

  void push_text(std::string_view text);  // as push_back(), without a piece of its own
  void reopen();

  std::string text_;
};

struct JsonWriter::Field {
  const char* name;
  JsonWriter value;
};

}  // namespace weightroom::io
