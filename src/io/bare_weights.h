#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/graph.h"

namespace weightroom::io {

// All weights of `graph` out of a safetensors file that holds weights alone (a PyTorch state_dict), matched by name
// ("layer1.0.conv1.weight"; where most of them have a prefix such as "module." in the file, with it) and shape. Where
// the graph has the batch normalisation folded into a layer and the file has it apart ("conv1" and "bn1",
// "features.0.0" and "features.0.1"), it is folded here too, with the epsilon of that layer, or else PyTorch's
// of 1e-5, and in double, as
// nn::fold_batch_norm does it. What a person should know is added to `notices`: tensors of the file that nobody wanted.
// Refuses by a sentence whatever parse_safetensors refuses, values that are not finite, and, all at once, each weight
// of the graph that the file lacks or has in another shape.
[[nodiscard]] Result<std::vector<float>> fit_weights(std::span<const std::byte> bytes, const nn::Graph& graph,
                                                     std::vector<std::string>* notices = nullptr,
                                                     const nn::NormEpsilons& epsilons = {});

}  // namespace weightroom::io
