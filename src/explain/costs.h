#pragma once

#include "explain/method.h"

// What methods cost (MethodDef::passes), where several share the count.
namespace weightroom::explain {

inline constexpr double kGradient = 2.0;  // a forward pass and a backward one to the input

inline double one_gradient(const Setting& /*setting*/) { return kGradient; }
inline double gradient_a_sample(const Setting& setting) { return kGradient * setting.param("samples"); }

}  // namespace weightroom::explain
