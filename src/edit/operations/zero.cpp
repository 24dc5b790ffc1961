// zero: every weight becomes 0, as if what it joins were not joined.
#include <strings/operation.h>

#include "edit/operation.h"

namespace weightroom::edit {

OperationDef zero_operation() {
  return {.name = "zero",
          .title = text::operation_zero_title,
          .summary = text::operation_zero_summary,
          .run = [](const Request& request,
                    Weights& weights) { for_each_weight(request, weights, [](nn::WeightRef, float) { return 0.0F; }); },
          .words = [](const Request&) -> Sentence { return text::operation_zero_words; }};
}

}  // namespace weightroom::edit
