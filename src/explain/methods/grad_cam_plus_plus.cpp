// grad_cam_plus_plus: sum over k of w_k A_k with w_k = sum over the map of a relu(G), where G = d f / d A_k and
// a = G^2 / (2 G^2 + S_k G^3), S_k the sum of A_k (Chattopadhay et al. 2018, equation 19; 1e-6 added below, and a = 0
// where G = 0). Their derivation is for exp f; as everybody does, it is applied to f.
#include <strings/method.h>

#include "explain/cam.h"

namespace weightroom::explain {
namespace {

constexpr double kEpsilon = 1e-6;

void make(const MethodInput& input, const Planes& planes, MethodOutput& output) {
  std::vector<double> weights(planes.count, 0.0);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) sum += static_cast<double>(planes.value[k * planes.size + i]);
    for (std::size_t i = 0; i < planes.size; ++i) {
      const auto g = static_cast<double>(planes.gradient[k * planes.size + i]);
      if (g > 0.0) weights[k] += g * (g * g / (2.0 * g * g + sum * g * g * g + kEpsilon));
    }
  }
  show_weighted(input, weights, planes.value, output);
}

base::Task run(const MethodInput& input, MethodOutput& output) { return layer_map(input, output, make); }

}  // namespace

MethodDef grad_cam_plus_plus_method() {
  MethodDef method = layer_method("grad_cam_plus_plus", text::method_grad_cam_plus_plus_title,
                                  text::method_grad_cam_plus_plus_plain, text::method_grad_cam_plus_plus_summary,
                                  "Chattopadhay, Sarkar, Howlader, Balasubramanian: Grad-CAM++, 2018", {});
  method.run = run;
  return method;
}

}  // namespace weightroom::explain
