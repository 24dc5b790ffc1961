// gradient_x_input: x d f / d x, the first-order share of each value in the target's score (Shrikumar et al. 2016).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/method.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  std::vector<float>& values = output.explanation.attribution.values;
  if (input.of_layer >= 0) {
    const auto layer = co_await pass.activation_gradient(input.input, input.of_layer);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = layer.value.data[i] * layer.gradient.data[i];
    co_return;
  }
  const auto gradient = co_await pass.input_gradient(input.input);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = input.input[i] * gradient[i];
}

}  // namespace

MethodDef gradient_x_input_method() {
  return {.name = "gradient_x_input",
          .title = text::method_gradient_x_input_title,
          .plain = text::method_gradient_x_input_plain,
          .summary = text::method_gradient_x_input_summary,
          .paper = "Shrikumar, Greenside, Shcherbina, Kundaje: Not just a black box, 2016",
          .axioms = {.dummy = true, .implementation = true, .linear = true},
          .takes_layer = true,
          .single_pass = true,
          .passes = one_gradient,
          .run = run};
}

}  // namespace weightroom::explain
