#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weightroom::document {

// A field of a command whose meaning only its page knows: what JSON can say without an object in it.
struct Value {
  // In the order of JSON's words: null, true or false, a whole number, another number, a text, a list.
  using List = std::vector<Value>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List> held{};

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(held); }
  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&held);
  }
  [[nodiscard]] bool operator==(const Value&) const = default;
};

struct Field {
  std::string name{};
  Value value{};
  [[nodiscard]] bool operator==(const Field&) const = default;
};

}  // namespace weightroom::document
