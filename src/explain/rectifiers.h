#pragma once

#include <string_view>

#include "explain/method.h"

// Backward passes that treat ReLUs (and their kin: leaky, clipped, GELU, hard swish) in another way than calculus.
namespace weightroom::explain {

enum class Rectifier {
  guided,  // only what would raise the score goes on, and only where the unit is on (Springenberg et al. 2014)
  deconv,  // only what would raise the score goes on, whether the unit is on or off (Zeiler and Fergus 2013)
};

[[nodiscard]] nn::BackwardRule rectifier_rule(Rectifier kind);

// A method that is nothing but such a pass.
base::Task rectified_gradient(const MethodInput& input, MethodOutput& output, Rectifier kind);

// What both must say beside their maps.
inline constexpr std::string_view kRectifierWarning =
    "Draws what the picture looks like more than what the weights have learnt: shuffle the weights of the last layers "
    "and the map hardly changes.";

}  // namespace weightroom::explain
