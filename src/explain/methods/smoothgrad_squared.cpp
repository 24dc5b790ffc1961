// smoothgrad_squared: the mean of (d f / d x)^2 over inputs with Gaussian noise added (Hooker et al. 2019).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/noise.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  return over_noise(input, output, &Moments::mean_square);
}

}  // namespace

MethodDef smoothgrad_squared_method() {
  return {.name = "smoothgrad_squared",
          .title = text::method_smoothgrad_squared_title,
          .plain = text::method_smoothgrad_squared_plain,
          .summary = text::method_smoothgrad_squared_summary,
          .paper = "Hooker, Erhan, Kindermans, Kim: A benchmark for interpretability methods, 2019",
          .params = noise_params(),
          .axioms = {.dummy = true, .implementation = true},
          .colours = text::method_colours_strength,
          .takes_layer = true,
          .passes = gradient_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
