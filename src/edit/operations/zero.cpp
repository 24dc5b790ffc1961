// zero: every weight becomes 0, as if what it joins were not joined.
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef zero_operation() {
  return {.name = "zero",
          .title = "Zero",
          .summary = "Makes every weight 0: what they join is joined no more.",
          .run = [](const Request& request,
                    Weights& weights) { for_each_weight(request, weights, [](nn::WeightRef, float) { return 0.0F; }); },
          .words = [](const Request&) { return std::string("set to 0"); }};
}

}  // namespace weightroom::edit
