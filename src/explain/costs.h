#pragma once

#include "explain/method.h"

// What methods cost (MethodDef::passes), where several share the count.
namespace weightroom::explain {

inline constexpr double kGradient = 2.0;  // a forward pass and a backward one to the input

inline double one_gradient(const Setting& /*setting*/) { return kGradient; }
inline double one_a_sample(const Setting& setting) { return setting.param("samples"); }
// One pass for the picture, and one for each channel of the layer.
inline double one_a_channel(const Setting& setting) {
  return 1.0 + setting.graph.nodes()[static_cast<std::size_t>(layer_of(setting))].output.c();
}
inline double gradient_a_sample(const Setting& setting) { return kGradient * setting.param("samples"); }

}  // namespace weightroom::explain
