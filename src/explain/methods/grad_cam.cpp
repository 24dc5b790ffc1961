// grad_cam: sum over channels k of alpha_k A_k, where A is the layer's output and alpha_k the mean of d f / d A_k over
// the map (Selvaraju et al. 2017). Signed; their final ReLU is a parameter.
#include "explain/cam.h"
#include "explain/costs.h"

namespace weightroom::explain {
namespace {

MapTask run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const auto layer = co_await pass.activation_gradient(input.input, layer_of(input.setting()));
  const Planes planes = planes_of(layer);
  std::vector<double> alpha(planes.count);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) sum += static_cast<double>(planes.gradient[k * planes.size + i]);
    alpha[k] = sum / static_cast<double>(planes.size);
  }
  show_weighted(input, alpha, layer.value, output);
}

}  // namespace

MethodDef grad_cam_method() {
  return {.name = "grad_cam",
          .title = "Grad-CAM",
          .summary = "Adds up a layer's feature maps, each weighted by how much the score depends on it on average.",
          .paper = "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: Grad-CAM, 2017",
          .family = Family::cam,
          .params = {positive_param()},
          .axioms = {.linear = true},
          .size = MapSize::layer,
          .uses_layer = true,
          .single_pass = true,
          .passes = one_gradient,
          .run = run};
}

}  // namespace weightroom::explain
