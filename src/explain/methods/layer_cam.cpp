// layer_cam: sum over k of relu(d f / d A_k) A_k, place by place (Jiang et al. 2021): fine enough for early layers.
#include <algorithm>

#include <strings/method.h>

#include "explain/cam.h"

namespace weightroom::explain {
namespace {

void make(const MethodInput& input, const Planes& planes, MethodOutput& output) {
  std::vector<double> map(planes.size, 0.0);
  for (std::size_t at = 0; at < planes.count * planes.size; ++at) {
    const auto gradient = std::max(static_cast<double>(planes.gradient[at]), 0.0);
    map[at % planes.size] += gradient * static_cast<double>(planes.value[at]);
  }
  show_map(input, map, output);
}

base::Task run(const MethodInput& input, MethodOutput& output) { return layer_map(input, output, make); }

}  // namespace

MethodDef layer_cam_method() {
  MethodDef method =
      layer_method("layer_cam", text::method_layer_cam_title, text::method_layer_cam_plain,
                   text::method_layer_cam_summary, "Jiang, Zhang, Hou, Cheng, Wei: LayerCAM, 2021", {.dummy = true});
  method.run = run;
  return method;
}

}  // namespace weightroom::explain
