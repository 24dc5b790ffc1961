// set: every weight becomes one value.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef set_operation() {
  return {.name = "set",
          .title = text::operation_set_title,
          .summary = text::operation_set_summary,
          .params = {{.name = "value",
                      .title = text::param_value,
                      .summary = text::param_value_help,
                      .minimum = -100.0,
                      .maximum = 100.0}},
          .run =
              [](const Request& request, Weights& weights) {
                const auto value = static_cast<float>(request.param("value"));
                for_each_weight(request, weights, [&](nn::WeightRef, float) { return value; });
              },
          .words = [](const Request& request) -> Sentence {
            return {text::operation_set_words, {{"value", base::exact(request.param("value"))}}};
          }};
}

}  // namespace weightroom::edit
