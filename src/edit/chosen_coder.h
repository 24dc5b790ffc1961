#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "edit/chosen.h"

// A choice among weights, predicted from the weights. Small weights are the likeliest to be chosen; how likely differs
// from one output to another, from one input to another and from kernel to kernel, which is learned on the way: a
// logistic regression of each bit on the logarithm of its weight, whose error on the bits already known sets it right
// (as PAQ mixes its predictions: Mahoney 2005). The bits are then written by arithmetic coding with these
// probabilities. All in whole numbers, so that what one machine writes every other one reads.
namespace weightroom::edit {

[[nodiscard]] std::vector<std::uint8_t> code_by_weights(std::span<const std::uint8_t> bits, const Part& part);
// The bits again. Nothing where the bytes are not, to the last one, what code_by_weights() makes of some bits for a
// part of `count` weights with these values.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_by_weights(std::span<const std::uint8_t> bytes,
                                                                         const Part& part, std::size_t count);

}  // namespace weightroom::edit
