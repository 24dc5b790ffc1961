#include "nn/ops/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <variant>

namespace weightroom::nn {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 28;

std::string rank_words(int lowest, int highest) {
  if (lowest == 4) return "four extents (N,C,H,W)";
  if (highest == 2) return "two extents (N,C)";
  return std::to_string(lowest) + " to " + std::to_string(highest) + " extents (N,C,...)";
}

}  // namespace

Status check_size(const Shape& shape) {
  unsigned long long size = 1;  // 64 bits in wasm too
  for (int extent : shape.extents()) {
    size *= static_cast<unsigned long long>(extent);
    if (size > kMostElements)
      return fail("A tensor of shape " + shape.text() + " is too large: at most 268,435,456 values fit.");
  }
  return {};
}

Status check_inputs(std::span<const Shape> inputs, std::size_t count, int lowest_rank, int highest_rank) {
  if (inputs.size() != count) {
    return fail("It takes " + std::to_string(count) + (count == 1 ? " input" : " inputs") + ", but got " +
                std::to_string(inputs.size()) + ".");
  }
  for (const Shape& input : inputs) {
    if (input.rank() < lowest_rank || input.rank() > highest_rank) {
      return fail("An input must have " + rank_words(lowest_rank, highest_rank) + ", not the shape " + input.text() +
                  ".");
    }
    if (std::ranges::any_of(input.extents(), [](int extent) { return extent < 1; })) {
      return fail("Every extent of an input must be at least 1, not " + input.text() + ".");
    }
    if (auto ok = check_size(input); !ok) return ok;
  }
  return {};
}

Status check_attributes(const Attributes& attributes, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : attributes.rows()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string names;
    for (std::string_view other : known) names += (names.empty() ? "" : ", ") + std::string(other);
    return fail("There is no attribute '" + name + "' here; " + (names.empty() ? "it has none" : "it has " + names) +
                ".");
  }
  return {};
}

Result<bool> read_flag(const Attributes& attributes, std::string_view name, bool fallback) {
  const auto value = attributes.integer(name, fallback ? 1 : 0);
  if (!value) return std::unexpected(value.error());
  if (*value != 0 && *value != 1)
    return fail("The attribute '" + std::string(name) + "' must be 0 or 1, not " + std::to_string(*value) + ".");
  return *value == 1;
}

Result<double> read_finite(const Attributes& attributes, std::string_view name, double fallback) {
  const auto value = attributes.real(name, fallback);
  if (value && !std::isfinite(*value))
    return fail("The attribute '" + std::string(name) + "' must be a finite number.");
  return value;
}

Result<int> read_axis(const Attributes& attributes, std::string_view name, int fallback, int rank) {
  const auto value = attributes.integer(name, fallback);
  if (!value) return value;
  const long long axis = *value < 0 ? static_cast<long long>(*value) + rank : *value;
  if (axis < 1 || axis >= rank)
    return fail("The attribute '" + std::string(name) + "' is " + std::to_string(*value) +
                "; it must name an axis behind the batch's, from 1 to " + std::to_string(rank - 1) + ".");
  return static_cast<int>(axis);
}

Result<std::vector<int>> read_list(const Attributes& attributes, std::string_view name) {
  const auto at = attributes.rows().find(name);
  if (at == attributes.rows().end()) return std::vector<int>{};
  std::vector<long long> wide;
  if (const auto* one = std::get_if<long long>(&at->second)) {
    wide = {*one};
  } else if (const auto* list = std::get_if<std::vector<long long>>(&at->second)) {
    wide = *list;
  } else {
    return fail("The attribute '" + std::string(name) + "' must be a list of whole numbers.");
  }
  std::vector<int> values;
  for (const long long value : wide) {
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
      return fail("The attribute '" + std::string(name) + "' has a number that is too large: " + std::to_string(value) +
                  ".");
    values.push_back(static_cast<int>(value));
  }
  return values;
}

Result<std::vector<int>> read_extents(const Attributes& attributes, std::string_view name) {
  auto extents = read_list(attributes, name);
  if (!extents) return extents;
  if (extents->empty() || static_cast<int>(extents->size()) >= Shape::kMaxRank)
    return fail("The attribute '" + std::string(name) + "' must list 1 to " + std::to_string(Shape::kMaxRank - 1) +
                " extents, those of one sample.");
  for (const int extent : *extents) {
    if (extent < 1)
      return fail("The attribute '" + std::string(name) + "' has the extent " + std::to_string(extent) +
                  "; each must be at least 1.");
  }
  return extents;
}

std::size_t outer_size(const Shape& shape, int axis) {
  std::size_t size = 1;
  for (int i = 0; i < axis; ++i) size *= static_cast<std::size_t>(shape[i]);
  return size;
}

}  // namespace weightroom::nn
