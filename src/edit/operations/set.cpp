// set: every weight becomes one value.
#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef set_operation() {
  return {.name = "set",
          .title = "Set",
          .summary = "Gives every weight the same value.",
          .params = {{.name = "value", .summary = "the value", .minimum = -100.0, .maximum = 100.0}},
          .run =
              [](const Request& request, Weights& weights) {
                const auto value = static_cast<float>(request.param("value"));
                for_each_weight(request, weights, [&](nn::WeightRef, float) { return value; });
              },
          .words = [](const Request& request) { return "set to " + base::number_text(request.param("value")); }};
}

}  // namespace weightroom::edit
