#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "nn/op.h"

// What the ops' shape inference has in common; each refusal is a sentence that names the cause.
namespace weightroom::nn {

// Count and rank of the inputs, positive extents, at most 2^28 elements each.
[[nodiscard]] Status check_inputs(std::span<const Shape> inputs, std::size_t count, int lowest_rank, int highest_rank);

// Refuses a name that is not among the known ones: most often it is misspelt.
[[nodiscard]] Status check_attributes(const Attributes& attributes, std::initializer_list<std::string_view> known);

// A flag: 0 or 1.
[[nodiscard]] Result<bool> read_flag(const Attributes& attributes, std::string_view name, bool fallback);

// At most 2^28 elements, of a shape whose extents are positive.
[[nodiscard]] Status check_size(const Shape& shape);

}  // namespace weightroom::nn
