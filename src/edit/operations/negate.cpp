// negate: every weight changes its sign.
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef negate_operation() {
  return {.name = "negate",
          .title = "Negate",
          .summary = "Turns every weight's sign round: what spoke for now speaks against.",
          .run = [](const Request& request,
                    Weights& weights) { for_each_weight(request, weights, [](nn::WeightRef, float w) { return -w; }); },
          .words = [](const Request&) { return std::string("negated"); }};
}

}  // namespace weightroom::edit
