#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/graph.h"

namespace weightroom::train {

// What of a net a run leaves as it is.
struct Fixed {
  // Tensors, indices into Graph::weights, that no step moves by a bit: no gradient, decay, momentum or average. A
  // batch_norm both of whose running statistics are frozen also normalises by them, as it will once the net is done,
  // and no longer by those of a chunk.
  std::vector<int> frozen = {};
  // One entry a weight, flat: 1, or 0 for a pruned one, which is zero from the start and stays so, as do its moments
  // and its average (Frankle and Carbin, "The lottery ticket hypothesis", 2019). Empty: none is pruned.
  std::vector<std::uint8_t> mask = {};
};

// What a run begins from.
struct Start {
  // Flat, as of a finished model of the same graph; empty: random ones by the recipe's seed. Running statistics of
  // batch_norm begin as they stand here (random: mean 0, variance 1), and so does the moving average.
  std::vector<float> weights = {};
  Fixed fixed = {};
};

// A sentence for what does not fit the graph, and for what leaves nothing to train.
[[nodiscard]] Status check(const nn::Graph& graph, const Fixed& fixed);
[[nodiscard]] Status check(const nn::Graph& graph, const Start& start);

// Tensors by name: each is a tensor's ("conv1.weight"), or a layer's for all that are its own ("conv1"). In the order
// of the graph, none twice.
[[nodiscard]] Result<std::vector<int>> find_tensors(const nn::Graph& graph, std::span<const std::string> names);

// Zero wherever the mask is; an empty mask changes nothing, nor does it change an empty vector.
void prune(std::span<const std::uint8_t> mask, std::span<float> values);

}  // namespace weightroom::train
