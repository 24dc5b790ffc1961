// guided_backprop: the gradient's way back, where every ReLU that is on lets through positive values alone
// (Springenberg et al. 2014).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/rectifiers.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  return rectified_gradient(input, output, Rectifier::guided);
}

}  // namespace

MethodDef guided_backprop_method() {
  return {.name = "guided_backprop",
          .title = text::method_guided_backprop_title,
          .plain = text::method_guided_backprop_plain,
          .summary = text::method_guided_backprop_summary,
          .paper = "Springenberg, Dosovitskiy, Brox, Riedmiller: Striving for simplicity, 2014",
          .axioms = {.dummy = true},
          .warning = kRectifierWarning,
          .colours = text::method_colours_nudge,
          .takes_layer = true,
          .single_pass = true,
          .passes = one_gradient,
          .run = run};
}

}  // namespace weightroom::explain
