// shift: something added to every weight.
#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef shift_operation() {
  return {.name = "shift",
          .title = "Shift",
          .summary = "Adds the same amount to every weight.",
          .params = {{.name = "by", .summary = "what is added", .minimum = -10.0, .maximum = 10.0, .fallback = 0.1}},
          .run =
              [](const Request& request, Weights& weights) {
                const double by = request.param("by");
                for_each_weight(request, weights, [&](nn::WeightRef, float w) {
                  return static_cast<float>(static_cast<double>(w) + by);
                });
              },
          .words = [](const Request& request) { return "shifted by " + base::number_text(request.param("by")); }};
}

}  // namespace weightroom::edit
