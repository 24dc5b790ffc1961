// layer_cam: sum over k of relu(d f / d A_k) A_k, place by place (Jiang et al. 2021): fine enough for early layers.
#include <algorithm>

#include "explain/cam.h"
#include "explain/costs.h"

namespace weightroom::explain {
namespace {

MapTask run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const auto layer = co_await pass.activation_gradient(input.input, layer_of(input.setting()));
  const Planes planes = planes_of(layer);
  std::vector<double> map(planes.size, 0.0);
  for (std::size_t at = 0; at < planes.count * planes.size; ++at) {
    const auto gradient = std::max(static_cast<double>(planes.gradient[at]), 0.0);
    map[at % planes.size] += gradient * static_cast<double>(planes.value[at]);
  }
  show_map(input, map, output);
}

}  // namespace

MethodDef layer_cam_method() {
  return {.name = "layer_cam",
          .title = "LayerCAM",
          .summary = "As HiResCAM, but only where more of a map would raise the score: sharp even at early layers.",
          .paper = "Jiang, Zhang, Hou, Cheng, Wei: LayerCAM, 2021",
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
