// grad_cam: sum over channels k of alpha_k A_k, where A is the layer's output and alpha_k the mean of d f / d A_k over
// the map (Selvaraju et al. 2017). Signed; their final ReLU is a parameter.
#include <algorithm>

#include "explain/pass.h"

namespace weightroom::explain {
namespace {

int layer_of(const MethodInput& input) {
  if (input.layer >= 0) return input.layer;
  const nn::Graph& graph = input.session.graph();
  const int last = default_layer(graph);
  if (last >= 0) return last;
  const std::vector<int> layers = cam_layers(graph);
  return layers.empty() ? 0 : layers.back();
}

Explanation explain(const MethodInput& input) {
  const int layer = layer_of(input);
  const auto [value, gradient] = TargetPass(input.session, input.target).activation_gradient(input.input, layer);
  const int height = value.shape.h();
  const int width = value.shape.w();
  const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  std::vector<double> map(plane, 0.0);
  for (std::size_t at = 0; at < value.size(); at += plane) {
    double sum = 0.0;
    for (std::size_t i = 0; i < plane; ++i) sum += static_cast<double>(gradient.data[at + i]);
    const double alpha = sum / static_cast<double>(plane);
    for (std::size_t i = 0; i < plane; ++i) map[i] += alpha * static_cast<double>(value.data[at + i]);
  }
  Explanation explanation;
  explanation.attribution.shape = {1, height, width};
  const bool positive = input.params.at("positive_only") != 0.0;
  for (double sum : map)
    explanation.attribution.values.push_back(static_cast<float>(positive ? std::max(sum, 0.0) : sum));
  if (layer == 0) explanation.note = "This network has no layer with maps, so this is made of the picture itself.";
  return explanation;
}

std::unique_ptr<MapJob> start(MethodInput input) { return single_pass_job(std::move(input), explain); }

}  // namespace

MethodDef grad_cam_method() {
  return {
      .name = "grad_cam",
      .title = "Grad-CAM",
      .summary =
          "Adds up a layer's feature maps, each weighted by how much the score depends on it "
          "on average.",
      .paper = "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: Grad-CAM, 2017",
      .params = {{"positive_only", "Only what speaks for the class, as in the paper (its final ReLU).", 0, 1, 0, true}},
      .uses_layer = true,
      .single_pass = true,
      .start = start};
}

}  // namespace weightroom::explain
