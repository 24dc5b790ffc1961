// guided_grad_cam: guided backprop times what is positive in Grad-CAM, each of whose cells covers its pixels (nearest
// enlargement) (Selvaraju et al. 2017).
#include <algorithm>

#include <strings/method.h>

#include "explain/cam.h"
#include "explain/costs.h"
#include "explain/rectifiers.h"

namespace weightroom::explain {
namespace {

// relu(Grad-CAM), (h,w)
std::vector<double> positive_cam(const Planes& planes) {
  std::vector<double> map(planes.size, 0.0);
  for (std::size_t k = 0; k < planes.count; ++k) {
    double alpha = 0.0;
    for (std::size_t i = 0; i < planes.size; ++i) alpha += static_cast<double>(planes.gradient[k * planes.size + i]);
    alpha /= static_cast<double>(planes.size);
    for (std::size_t i = 0; i < planes.size; ++i)
      map[i] += alpha * static_cast<double>(planes.value[k * planes.size + i]);
  }
  for (double& value : map) value = std::max(value, 0.0);
  return map;
}

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const int node = layer_of(input.setting());
  const auto layer = co_await pass.activation_gradient(input.input, node);
  const std::vector<double> cam = positive_cam(planes_of(layer));
  const int h = layer.value.shape.h();
  const int w = layer.value.shape.w();
  output.progress = 0.5;
  const nn::BackwardRule rule = rectifier_rule(input.graph(), Rectifier::guided);
  const auto guided = co_await pass.input_gradient(input.input, &rule);
  const nn::Shape& shape = input.graph().spec().input;
  std::size_t at = 0;
  for (int c = 0; c < shape[0]; ++c) {
    for (int y = 0; y < shape[1]; ++y) {
      for (int x = 0; x < shape[2]; ++x, ++at) {
        const int cell = y * h / shape[1] * w + x * w / shape[2];
        output.explanation.attribution.values[at] =
            static_cast<float>(static_cast<double>(guided[at]) * cam[static_cast<std::size_t>(cell)]);
      }
    }
  }
  output.explanation.note =
      has_rectifier(input.graph()) ? layer_note(node) : std::optional(Sentence(text::method_no_rectifier));
}

double passes(const Setting& /*setting*/) { return 2.0 * kGradient - 1.0; }  // one forward pass serves both

}  // namespace

MethodDef guided_grad_cam_method() {
  return {.name = "guided_grad_cam",
          .title = text::method_guided_grad_cam_title,
          .plain = text::method_guided_grad_cam_plain,
          .summary = text::method_guided_grad_cam_summary,
          .paper = "Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: Grad-CAM, 2017",
          .family = Family::cam,
          .axioms = {.dummy = true},
          .warning = kRectifierWarning,
          .colours = text::method_colours_nudge,
          .uses_layer = true,
          .single_pass = true,
          .passes = passes,
          .run = run};
}

}  // namespace weightroom::explain
