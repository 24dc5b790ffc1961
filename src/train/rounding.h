#pragma once

#include <span>
#include <vector>

#include "nn/graph.h"

namespace weightroom::train {

// Whether a tensor joins layers: kernels and rows of weights, not biases and what a norm holds.
[[nodiscard]] bool joins_layers(const nn::GraphWeight& tensor);

// The values as 8 bits with a scale an output channel hold them (base::Quantiser, symmetric): what a model stored as
// int8 runs with. Trained with these in the passes and the gradient laid on the unrounded ones (the straight-through
// estimator: Bengio, Leonard and Courville 2013; Jacob et al. 2018), a net loses next to nothing by it. A batch norm
// that is folded in later multiplies each channel by one number, and so leaves its codes as they are.
void round_channels(const nn::GraphWeight& tensor, std::span<const float> values, std::span<float> rounded);

}  // namespace weightroom::train
