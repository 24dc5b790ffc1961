// grad_cam: sum over channels k of alpha_k A_k, where A is the layer's output and alpha_k the mean of d f / d A_k over
// the map (Selvaraju et al. 2017). Signed; their final ReLU is a parameter.
#include <strings/method.h>

#include "explain/cam.h"

namespace weightroom::explain {
namespace {

void make(const MethodInput& input, const Planes& planes, MethodOutput& output) {
  std::vector<double> alpha(planes.count);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) sum += static_cast<double>(planes.gradient[k * planes.size + i]);
    alpha[k] = sum / static_cast<double>(planes.size);
  }
  show_weighted(input, alpha, planes.value, output);
  tell_sum(input, planes, Slopes::averaged, output);
}

base::Task run(const MethodInput& input, MethodOutput& output) { return layer_map(input, output, make); }

}  // namespace

MethodDef grad_cam_method() {
  MethodDef method =
      layer_method("grad_cam", text::method_grad_cam_title, text::method_grad_cam_plain, text::method_grad_cam_summary,
                   "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: Grad-CAM, 2017", {.linear = true});
  method.first = true;
  method.run = run;
  return method;
}

}  // namespace weightroom::explain
