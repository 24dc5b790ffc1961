// scale: every weight times a factor.
#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef scale_operation() {
  return {.name = "scale",
          .title = "Scale",
          .summary = "Multiplies every weight: above 1 what it does grows, below 1 it fades.",
          .params = {{.name = "factor", .summary = "the factor", .minimum = -10.0, .maximum = 10.0, .fallback = 2.0}},
          .run =
              [](const Request& request, Weights& weights) {
                const double factor = request.param("factor");
                for_each_weight(request, weights, [&](nn::WeightRef, float w) {
                  return static_cast<float>(factor * static_cast<double>(w));
                });
              },
          .words = [](const Request& request) { return "scaled by " + base::number_text(request.param("factor")); }};
}

}  // namespace weightroom::edit
