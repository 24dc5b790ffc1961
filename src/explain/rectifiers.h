#pragma once

#include <strings/method.h>

#include "explain/method.h"

// Backward passes that treat ReLUs (and their kin: leaky, clipped, GELU, hard swish, x sigmoid(x)) in another way than
// calculus.
namespace weightroom::explain {

enum class Rectifier {
  guided,  // only what would raise the score goes on, and only where the unit is on (Springenberg et al. 2014)
  deconv,  // only what would raise the score goes on, whether the unit is on or off (Zeiler and Fergus 2013)
};

// Of a pass through this graph, which must outlive it.
[[nodiscard]] nn::BackwardRule rectifier_rule(const nn::Graph& graph, Rectifier kind);

// A method that is nothing but such a pass.
base::Task rectified_gradient(const MethodInput& input, MethodOutput& output, Rectifier kind);

// Whether the rule changes anything in this network: none of its functions is a ReLU's kin.
[[nodiscard]] bool has_rectifier(const nn::Graph& graph);

// What both must say beside their maps.
inline constexpr Text kRectifierWarning = text::method_rectifier_warning;

}  // namespace weightroom::explain
