// clamp: no weight is larger than a limit, with either sign.
#include <algorithm>

#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef clamp_operation() {
  return {
      .name = "clamp",
      .title = "Clamp",
      .summary = "Cuts weights off at a limit, with either sign.",
      .params = {{.name = "limit", .summary = "the largest size", .minimum = 0.0, .maximum = 10.0, .fallback = 1.0}},
      .run =
          [](const Request& request, Weights& weights) {
            const auto limit = static_cast<float>(request.param("limit"));
            for_each_weight(request, weights, [&](nn::WeightRef, float w) { return std::clamp(w, -limit, limit); });
          },
      .words = [](const Request& request) { return "clamped to ±" + base::number_text(request.param("limit")); }};
}

}  // namespace weightroom::edit
