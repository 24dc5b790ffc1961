#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace weightroom::nn {

// The constants of a node (stride, groups, ...), by name: an integer, a list of integers, a real number or a word.
using AttributeValue = std::variant<long long, std::vector<long long>, double, std::string>;

class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<const std::string, AttributeValue>> rows) : rows_(rows) {}

  void set(std::string name, AttributeValue value) { rows_.insert_or_assign(std::move(name), std::move(value)); }
  [[nodiscard]] const std::map<std::string, AttributeValue, std::less<>>& rows() const { return rows_; }
  [[nodiscard]] bool has(std::string_view name) const { return rows_.find(name) != rows_.end(); }

  // The value, or the fallback where the name is absent; a sentence where it has another type or does not fit an int.
  [[nodiscard]] Result<int> integer(std::string_view name, int fallback) const;
  // Two integers (vertical, horizontal); a single integer stands for both.
  [[nodiscard]] Result<std::pair<int, int>> pair(std::string_view name, int fallback) const;
  [[nodiscard]] Result<double> real(std::string_view name, double fallback) const;
  [[nodiscard]] bool operator==(const Attributes&) const = default;

 private:
  std::map<std::string, AttributeValue, std::less<>> rows_;
};

}  // namespace weightroom::nn
