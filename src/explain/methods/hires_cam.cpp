// hires_cam: sum over k of d f / d A_k times A_k, place by place (Draelos and Carin 2020): what the network used and
// where. Before a head of one linear layer the map sums to the logit but for its bias.
#include "explain/cam.h"
#include "explain/costs.h"

namespace weightroom::explain {
namespace {

MapTask run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const auto layer = co_await pass.activation_gradient(input.input, layer_of(input.setting()));
  const Planes planes = planes_of(layer);
  std::vector<double> map(planes.size, 0.0);
  for (std::size_t at = 0; at < planes.count * planes.size; ++at)
    map[at % planes.size] += static_cast<double>(planes.gradient[at]) * static_cast<double>(planes.value[at]);
  show_map(input, map, output);
}

}  // namespace

MethodDef hires_cam_method() {
  return {
      .name = "hires_cam",
      .title = "HiResCAM",
      .summary = "Each place of each feature map times how the score depends on that very place: nothing is averaged.",
      .paper = "Draelos, Carin: Use HiResCAM instead of Grad-CAM, 2020",
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
