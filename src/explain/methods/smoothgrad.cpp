// smoothgrad: the mean of d f / d x over inputs with Gaussian noise added (Smilkov et al. 2017).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/noise.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) { return over_noise(input, output, &Moments::mean); }

}  // namespace

MethodDef smoothgrad_method() {
  return {.name = "smoothgrad",
          .title = text::method_smoothgrad_title,
          .plain = text::method_smoothgrad_plain,
          .summary = text::method_smoothgrad_summary,
          .paper = "Smilkov, Thorat, Kim, Viegas, Wattenberg: SmoothGrad, 2017",
          .params = noise_params(),
          .axioms = {.dummy = true, .implementation = true, .linear = true},
          .colours = text::method_colours_nudge,
          .takes_layer = true,
          .passes = gradient_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
