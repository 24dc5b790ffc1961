#pragma once

#include "base/result.h"
#include "nn/model.h"
#include "teach/head.h"

// The network that a head stands on: any model whose logits are a linear layer's. All its layers but that one are kept,
// byte for byte.
namespace weightroom::teach {

inline constexpr std::size_t kMostFeatures = 4096;
inline constexpr std::size_t kMostClasses = 20;

// A sentence where the model cannot be one: its last layer is no linear one, or reads too many numbers.
[[nodiscard]] Status check_base(const nn::Model& model);

// The base with this head in place of its last layer: fc.weight = W / scale and fc.bias = b, each rounded once. The
// labels are the head's; a gauge of the base's classes goes.
[[nodiscard]] nn::Model with_head(const nn::Model& base, const Head& head, double scale,
                                  std::vector<std::string> labels);

// The base's last layer, labels and gauge on the layers before it of a model made of it: what is left of what it knew.
[[nodiscard]] nn::Model on_layers_of(const nn::Model& base, const nn::Model& made);

}  // namespace weightroom::teach
