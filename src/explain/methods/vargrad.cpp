// vargrad: the variance of d f / d x over inputs with Gaussian noise added (Adebayo et al. 2018).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/noise.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) { return over_noise(input, output, &Moments::variance); }

}  // namespace

MethodDef vargrad_method() {
  return {.name = "vargrad",
          .title = text::method_vargrad_title,
          .plain = text::method_vargrad_plain,
          .summary = text::method_vargrad_summary,
          .paper = "Adebayo, Gilmer, Goodfellow, Kim: Local explanation methods for deep networks, 2018",
          .params = noise_params(),
          .axioms = {.dummy = true, .implementation = true},
          .colours = text::method_colours_strength,
          .takes_layer = true,
          .passes = gradient_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
