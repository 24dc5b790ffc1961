// ablation_cam: sum over channels k of w_k A_k, w_k = (f - f without A_k) / |f|, the score lost when the channel gives
// nothing (Ramaswamy and Desai 2020). They divide by f itself, which turns the map round where the score is negative.
#include <cmath>

#include <strings/method.h>

#include "explain/cam.h"
#include "explain/costs.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const int node = layer_of(input.setting());
  const auto score = static_cast<double>(co_await pass.logit(input.input));
  const nn::ConstTensor layer = input.session.activation(node);
  const nn::Shape shape = layer.shape;
  const std::size_t size = static_cast<std::size_t>(shape.h()) * static_cast<std::size_t>(shape.w());
  const std::vector<float> maps(layer.values().begin(), layer.values().end());
  const std::size_t count = maps.size() / size;
  std::vector<double> weights(count);
  std::vector<float> without = maps;
  for (std::size_t k = 0; k < count; ++k) {
    const auto at = static_cast<std::ptrdiff_t>(k * size);
    std::fill_n(without.begin() + at, size, 0.0F);
    const double lost = score - static_cast<double>(co_await pass.logit_with(node, without));
    weights[k] = score == 0.0 ? lost : lost / std::fabs(score);
    std::copy_n(maps.begin() + at, size, without.begin() + at);
    output.progress = static_cast<double>(k + 1) / static_cast<double>(count);
    show_weighted(input, weights, maps, output);
  }
}

}  // namespace

MethodDef ablation_cam_method() {
  return {.name = "ablation_cam",
          .title = text::method_ablation_cam_title,
          .plain = text::method_ablation_cam_plain,
          .summary = text::method_ablation_cam_summary,
          .paper = "Ramaswamy, Desai: Ablation-CAM, 2020",
          .family = Family::cam,
          .params = {positive_param()},
          .size = MapSize::layer,
          .uses_layer = true,
          .passes = one_a_channel,
          .run = run};
}

}  // namespace weightroom::explain
