// hires_cam: sum over k of d f / d A_k times A_k, place by place (Draelos and Carin 2020): what the network used and
// where. Before a head of one linear layer the map sums to the logit but for its bias.
#include <strings/method.h>

#include "explain/cam.h"

namespace weightroom::explain {
namespace {

void make(const MethodInput& input, const Planes& planes, MethodOutput& output) {
  std::vector<double> map(planes.size, 0.0);
  for (std::size_t at = 0; at < planes.count * planes.size; ++at)
    map[at % planes.size] += static_cast<double>(planes.gradient[at]) * static_cast<double>(planes.value[at]);
  show_map(input, map, output);
  tell_sum(input, planes, Slopes::own, output);
}

base::Task run(const MethodInput& input, MethodOutput& output) { return layer_map(input, output, make); }

}  // namespace

MethodDef hires_cam_method() {
  MethodDef method = layer_method(
      "hires_cam", text::method_hires_cam_title, text::method_hires_cam_plain, text::method_hires_cam_summary,
      "Draelos, Carin: Use HiResCAM instead of Grad-CAM, 2020", {.dummy = true, .linear = true});
  method.run = run;
  return method;
}

}  // namespace weightroom::explain
