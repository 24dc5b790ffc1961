#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "nn/op.h"
#include "nn/op_cases.h"

// What the ops' shape inference has in common; each refusal is a sentence that names the cause.
namespace weightroom::nn {

// Count and rank of the inputs, positive extents, at most 2^28 elements each.
[[nodiscard]] Status check_inputs(std::span<const Shape> inputs, std::size_t count, int lowest_rank, int highest_rank);

// Refuses a name that is not among the known ones: most often it is misspelt.
[[nodiscard]] Status check_attributes(const Attributes& attributes, std::initializer_list<std::string_view> known);

// A flag: 0 or 1.
[[nodiscard]] Result<bool> read_flag(const Attributes& attributes, std::string_view name, bool fallback);

// A finite real number.
[[nodiscard]] Result<double> read_finite(const Attributes& attributes, std::string_view name, double fallback);

// An axis other than the batch's; below 0 it counts from the last. A sentence where there is none.
[[nodiscard]] Result<int> read_axis(const Attributes& attributes, std::string_view name, int fallback, int rank);

// A list of at least one positive extent of a sample (one integer stands for a list of it), that fits a shape with the
// batch before it.
[[nodiscard]] Result<std::vector<int>> read_extents(const Attributes& attributes, std::string_view name);
// A list of whole numbers; empty where the attribute is absent.
[[nodiscard]] Result<std::vector<int>> read_list(const Attributes& attributes, std::string_view name);

// Product of the extents before `axis`.
[[nodiscard]] std::size_t outer_size(const Shape& shape, int axis);

// At most 2^28 elements, of a shape whose extents are positive.
[[nodiscard]] Status check_size(const Shape& shape);

}  // namespace weightroom::nn
