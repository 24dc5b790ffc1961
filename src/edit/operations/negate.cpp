// negate: every weight changes its sign.
#include <strings/operation.h>

#include "edit/operation.h"

namespace weightroom::edit {

OperationDef negate_operation() {
  return {.name = "negate",
          .title = text::operation_negate_title,
          .summary = text::operation_negate_summary,
          .run = [](const Request& request,
                    Weights& weights) { for_each_weight(request, weights, [](nn::WeightRef, float w) { return -w; }); },
          .words = [](const Request&) -> Sentence { return text::operation_negate_words; }};
}

}  // namespace weightroom::edit
