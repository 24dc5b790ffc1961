// gradient: d f / d x, how the target's score answers to each value of the input (Simonyan et al.
// 2013).
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

Explanation explain(const MethodInput& input) {
  const auto gradient = TargetPass(input.session, input.target).input_gradient(input.input);
  Explanation explanation;
  explanation.attribution = {input_shape(input.session), {gradient.begin(), gradient.end()}};
  return explanation;
}

std::unique_ptr<MapJob> start(MethodInput input) { return single_pass_job(std::move(input), explain); }

}  // namespace

MethodDef gradient_method() {
  return {.name = "gradient",
          .title = "Gradient",
          .summary = "How fast the score of the class would rise if a pixel became a little lighter.",
          .paper = "Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks, 2013",
          .params = {},
          .single_pass = true,
          .start = start};
}

}  // namespace weightroom::explain
