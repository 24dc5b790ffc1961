// gradient: d f / d x, how the target's score answers to each value of the input (Simonyan et al. 2013).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/method.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const auto gradient = co_await pass.gradient_by(input.of_layer, input.input);
  output.explanation.attribution.values.assign(gradient.begin(), gradient.end());
}

}  // namespace

MethodDef gradient_method() {
  return {.name = "gradient",
          .title = text::method_gradient_title,
          .plain = text::method_gradient_plain,
          .summary = text::method_gradient_summary,
          .paper = "Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks, 2013",
          .first = true,
          .axioms = {.dummy = true, .implementation = true, .linear = true},
          .colours = text::method_colours_nudge,
          .takes_layer = true,
          .single_pass = true,
          .passes = one_gradient,
          .run = run};
}

}  // namespace weightroom::explain
