#include "nn/ops/rules.h"

#include <algorithm>
#include <string>

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
  std::size_t size = 1;
  for (int extent : shape.extents()) {
    size *= static_cast<std::size_t>(extent);
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

}  // namespace weightroom::nn
