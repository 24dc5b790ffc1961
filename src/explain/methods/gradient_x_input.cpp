// gradient_x_input: x d f / d x, the first-order share of each value in the target's score
// (Shrikumar et al. 2016).
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

Explanation explain(const MethodInput& input) {
  const auto gradient = TargetPass(input.session, input.target).input_gradient(input.input);
  Explanation explanation;
  explanation.attribution = {input_shape(input.session), input.input};
  std::vector<float>& values = explanation.attribution.values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= gradient[i];
  return explanation;
}

std::unique_ptr<MapJob> start(MethodInput input) { return single_pass_job(std::move(input), explain); }

}  // namespace

MethodDef gradient_x_input_method() {
  return {.name = "gradient_x_input",
          .title = "Gradient × input",
          .summary = "The gradient times the pixel itself: what the pixel adds to the score, to first order.",
          .paper = "Shrikumar, Greenside, Shcherbina, Kundaje: Not just a black box, 2016",
          .params = {},
          .single_pass = true,
          .start = start};
}

}  // namespace weightroom::explain
