#include "nn/kernels/exp.h"

#include "base/check.h"
#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"

namespace weightroom::nn::kernels {

void exp(std::span<const float> x, float shift, std::span<float> y) {
  CHECK(x.size() == y.size());
  map_lanes(x.size(), x.data(), y.data(), [shift](auto at) { return exp(at - decltype(at)(shift)); });
}

}  // namespace weightroom::nn::kernels
