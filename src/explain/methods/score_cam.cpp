// score_cam: sum over channels k of w_k A_k, w = softmax of the scores that the picture keeps when it is seen through
// A_k alone, scaled to 0 .. 1 and enlarged to the picture (Wang et al. 2020; on the raw logits, as the reference code).
// No gradient: one forward pass a channel.
#include <algorithm>

#include <strings/method.h>

#include "base/math.h"
#include "explain/cam.h"
#include "explain/costs.h"
#include "explain/display.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const int node = layer_of(input.setting());
  (void)co_await pass.logit(input.input);
  const nn::ConstTensor layer = input.session.activation(node);
  const int h = layer.shape.h();
  const int w = layer.shape.w();
  const std::size_t size = static_cast<std::size_t>(h) * static_cast<std::size_t>(w);
  const std::vector<float> maps(layer.values().begin(), layer.values().end());  // the masks pass through the same layer
  const std::size_t count = maps.size() / size;
  const nn::Shape& picture = input.graph().spec().input;
  const std::size_t plane = static_cast<std::size_t>(picture[1]) * static_cast<std::size_t>(picture[2]);
  std::vector<double> scores;
  std::vector<float> seen(input.input.size());
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<float> mask(maps.begin() + static_cast<std::ptrdiff_t>(k * size),
                            maps.begin() + static_cast<std::ptrdiff_t>((k + 1) * size));
    mask = enlarged(mask, h, w, picture[1], picture[2]);
    const auto [low, high] = std::ranges::minmax(mask);
    const float range = high - low;
    // A channel that is the same everywhere points nowhere: it hides all.
    for (float& value : mask) value = range > 0.0F ? (value - low) / range : 0.0F;
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = input.input[i] * mask[i % plane];
    scores.push_back(static_cast<double>(co_await pass.logit(seen)));
    output.progress = static_cast<double>(k + 1) / static_cast<double>(count);
  }
  const double most = *std::ranges::max_element(scores);
  double sum = 0.0;
  for (double& score : scores) sum += score = base::exp(score - most);
  for (double& score : scores) score /= sum;
  show_weighted(input, scores, maps, output);
}

}  // namespace

MethodDef score_cam_method() {
  return {.name = "score_cam",
          .title = text::method_score_cam_title,
          .plain = text::method_score_cam_plain,
          .summary = text::method_score_cam_summary,
          .paper = "Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu: Score-CAM, 2020",
          .family = Family::cam,
          .params = {positive_param()},
          .size = MapSize::layer,
          .uses_layer = true,
          .passes = one_a_channel,
          .run = run};
}

}  // namespace weightroom::explain
