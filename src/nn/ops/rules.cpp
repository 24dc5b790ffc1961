#include "nn/ops/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <variant>

#include <strings/infer.h>
#include <strings/list.h>
#include <strings/nn.h>

#include "base/language.h"

namespace weightroom::nn {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 28;

std::unexpected<Error> wrong_rank(const Shape& input, int lowest, int highest) {
  if (lowest == 4) return fail(text::infer_input_rank4, {{"shape", input.text()}});
  if (highest == 2) return fail(text::infer_input_rank2, {{"shape", input.text()}});
  return fail(text::infer_input_ranks, {{"least", lowest}, {"most", highest}, {"shape", input.text()}});
}

}  // namespace

Status check_size(const Shape& shape) {
  unsigned long long size = 1;  // 64 bits in wasm too
  for (int extent : shape.extents()) {
    size *= static_cast<unsigned long long>(extent);
    if (size > kMostElements) return fail(text::infer_tensor_large, {{"shape", shape.text()}, {"most", kMostElements}});
  }
  return {};
}

Status check_inputs(std::span<const Shape> inputs, std::size_t count, int lowest_rank, int highest_rank) {
  if (inputs.size() != count) return fail(text::infer_input_count, {{"n", count}, {"given", inputs.size()}});
  for (const Shape& input : inputs) {
    if (input.rank() < lowest_rank || input.rank() > highest_rank) return wrong_rank(input, lowest_rank, highest_rank);
    if (std::ranges::any_of(input.extents(), [](int extent) { return extent < 1; })) {
      return fail(text::infer_input_extent, {{"shape", input.text()}});
    }
    if (auto ok = check_size(input); !ok) return ok;
  }
  return {};
}

Status check_attributes(const Attributes& attributes, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : attributes.rows()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string_view unknown = std::string_view(name).substr(0, 60);
    if (known.size() == 0) return fail(text::nn_attribute_unknown_of_none, {{"name", unknown}});
    const std::vector<std::string> names(known.begin(), known.end());
    return fail(text::nn_attribute_unknown, {{"name", unknown}, {"names", base::list_of(names, text::list_comma)}});
  }
  return {};
}

Result<bool> read_flag(const Attributes& attributes, std::string_view name, bool fallback) {
  const auto value = attributes.integer(name, fallback ? 1 : 0);
  if (!value) return std::unexpected(value.error());
  if (*value != 0 && *value != 1) return fail(text::nn_attribute_flag, {{"name", name}, {"value", *value}});
  return *value == 1;
}

Result<double> read_finite(const Attributes& attributes, std::string_view name, double fallback) {
  const auto value = attributes.real(name, fallback);
  if (value && !std::isfinite(*value)) return fail(text::nn_attribute_finite, {{"name", name}});
  return value;
}

Result<int> read_axis(const Attributes& attributes, std::string_view name, int fallback, int rank) {
  const auto value = attributes.integer(name, fallback);
  if (!value) return value;
  const long long axis = *value < 0 ? static_cast<long long>(*value) + rank : *value;
  if (axis < 1 || axis >= rank)
    return fail(text::nn_attribute_axis, {{"name", name}, {"value", *value}, {"last", rank - 1}});
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
    return fail(text::nn_attribute_list, {{"name", name}});
  }
  std::vector<int> values;
  for (const long long value : wide) {
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
      return fail(text::nn_attribute_large, {{"name", name}, {"value", value}});
    values.push_back(static_cast<int>(value));
  }
  return values;
}

Result<std::vector<int>> read_extents(const Attributes& attributes, std::string_view name) {
  auto extents = read_list(attributes, name);
  if (!extents) return extents;
  if (extents->empty() || static_cast<int>(extents->size()) >= Shape::kMaxRank)
    return fail(text::nn_attribute_extents, {{"name", name}, {"most", Shape::kMaxRank - 1}});
  for (const int extent : *extents) {
    if (extent < 1) return fail(text::nn_attribute_extent, {{"name", name}, {"value", extent}});
  }
  return extents;
}

std::size_t outer_size(const Shape& shape, int axis) {
  std::size_t size = 1;
  for (int i = 0; i < axis; ++i) size *= static_cast<std::size_t>(shape[i]);
  return size;
}

}  // namespace weightroom::nn
