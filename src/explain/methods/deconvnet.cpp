// deconvnet: the gradient's way back, where every ReLU lets through positive values, on or off (Zeiler and Fergus
// 2013).
#include <strings/method.h>

#include "explain/costs.h"
#include "explain/rectifiers.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  return rectified_gradient(input, output, Rectifier::deconv);
}

}  // namespace

MethodDef deconvnet_method() {
  return {.name = "deconvnet",
          .title = text::method_deconvnet_title,
          .plain = text::method_deconvnet_plain,
          .summary = text::method_deconvnet_summary,
          .paper = "Zeiler, Fergus: Visualizing and understanding convolutional networks, 2013",
          .axioms = {.dummy = true},
          .warning = kRectifierWarning,
          .colours = text::method_colours_nudge,
          .takes_layer = true,
          .single_pass = true,
          .passes = one_gradient,
          .run = run};
}

}  // namespace weightroom::explain
