// shift: something added to every weight.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef shift_operation() {
  return {.name = "shift",
          .title = text::operation_shift_title,
          .summary = text::operation_shift_summary,
          .params = {{.name = "by",
                      .title = text::param_amount,
                      .summary = text::param_shift_by_help,
                      .minimum = -10.0,
                      .maximum = 10.0,
                      .fallback = 0.1}},
          .run =
              [](const Request& request, Weights& weights) {
                const double by = request.param("by");
                for_each_weight(request, weights, [&](nn::WeightRef, float w) {
                  return static_cast<float>(static_cast<double>(w) + by);
                });
              },
          .words = [](const Request& request) -> Sentence {
            return {text::operation_shift_words, {{"by", base::exact(request.param("by"))}}};
          }};
}

}  // namespace weightroom::edit
