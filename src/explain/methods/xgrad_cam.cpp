// xgrad_cam: sum over k of w_k A_k with w_k = sum of (d f / d A_k) A_k / sum of A_k (Fu et al. 2020), chosen so that
// the map accounts for the score; a channel whose sum is (nearly) nothing is left out.
#include <cmath>

#include <strings/method.h>

#include "explain/cam.h"

namespace weightroom::explain {
namespace {

constexpr double kEpsilon = 1e-7;  // of a sum that would be divided by

void make(const MethodInput& input, const Planes& planes, MethodOutput& output) {
  std::vector<double> weights(planes.count, 0.0);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double sum = 0.0;
    double product = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) {
      const auto value = static_cast<double>(planes.value[k * planes.size + i]);
      sum += value;
      product += value * static_cast<double>(planes.gradient[k * planes.size + i]);
    }
    if (std::fabs(sum) > kEpsilon) weights[k] = product / sum;
  }
  show_weighted(input, weights, planes.value, output);
  tell_sum(input, planes, Slopes::averaged, output);
}

base::Task run(const MethodInput& input, MethodOutput& output) { return layer_map(input, output, make); }

}  // namespace

MethodDef xgrad_cam_method() {
  MethodDef method = layer_method("xgrad_cam", text::method_xgrad_cam_title, text::method_xgrad_cam_plain,
                                  text::method_xgrad_cam_summary,
                                  "Fu, Hu, Dong, Guo, Gao, Li: Axiom-based Grad-CAM, 2020", {.linear = true});
  method.run = run;
  return method;
}

}  // namespace weightroom::explain
