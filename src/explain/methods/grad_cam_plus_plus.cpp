// grad_cam_plus_plus: sum over k of w_k A_k with w_k = sum over the map of a relu(G), where G = d f / d A_k and
// a = G^2 / (2 G^2 + S_k G^3), S_k the sum of A_k (Chattopadhay et al. 2018, equation 19; 1e-6 added below, and a = 0
// where G = 0). Their derivation is for exp f; as everybody does, it is applied to f.
#include "explain/cam.h"
#include "explain/costs.h"

namespace weightroom::explain {
namespace {

constexpr double kEpsilon = 1e-6;

MapTask run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const auto layer = co_await pass.activation_gradient(input.input, layer_of(input.setting()));
  const Planes planes = planes_of(layer);
  std::vector<double> weights(planes.count, 0.0);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) sum += static_cast<double>(planes.value[k * planes.size + i]);
    for (std::size_t i = 0; i < planes.size; ++i) {
      const auto g = static_cast<double>(planes.gradient[k * planes.size + i]);
      if (g > 0.0) weights[k] += g * (g * g / (2.0 * g * g + sum * g * g * g + kEpsilon));
    }
  }
  show_weighted(input, weights, layer.value, output);
}

}  // namespace

MethodDef grad_cam_plus_plus_method() {
  return {
      .name = "grad_cam_plus_plus",
      .title = "Grad-CAM++",
      .summary = "Like Grad-CAM, but places where the score depends on a map most count most: finds several objects.",
      .paper = "Chattopadhay, Sarkar, Howlader, Balasubramanian: Grad-CAM++, 2018",
      .family = Family::cam,
      .params = {positive_param()},
      .axioms = {},
      .size = MapSize::layer,
      .uses_layer = true,
      .single_pass = true,
      .passes = one_gradient,
      .run = run};
}

}  // namespace weightroom::explain
