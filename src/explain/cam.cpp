#include "explain/cam.h"

#include <algorithm>

namespace weightroom::explain {

ParamSpec positive_param() {
  return {"positive_only", "Only what speaks for the class, as in the paper (its final ReLU).", 0, 1, 0, true};
}

std::string layer_note(int layer) {
  return layer == 0 ? "This network has no layer with maps, so this is made of the picture itself." : "";
}

Planes planes_of(const TargetPass::Activation& layer) {
  const nn::Shape& shape = layer.value.shape;
  const auto size = static_cast<std::size_t>(shape.h()) * static_cast<std::size_t>(shape.w());
  return {layer.value.data, layer.gradient.data, layer.value.size() / size, size};
}

void show_weighted(const MethodInput& input, std::span<const double> weights, nn::ConstTensor layer,
                   MethodOutput& output) {
  const std::size_t size = layer.size() / weights.size();
  std::vector<double> map(size, 0.0);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    for (std::size_t i = 0; i < size; ++i) map[i] += weights[k] * static_cast<double>(layer.data[k * size + i]);
  }
  show_map(input, map, output);
}

void show_map(const MethodInput& input, std::span<const double> map, MethodOutput& output) {
  const bool positive = input.param("positive_only") != 0.0;
  std::ranges::transform(map, output.explanation.attribution.values.begin(),
                         [positive](double sum) { return static_cast<float>(positive ? std::max(sum, 0.0) : sum); });
  output.explanation.note = layer_note(layer_of(input.setting()));
}

}  // namespace weightroom::explain
