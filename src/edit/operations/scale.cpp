// scale: every weight times a factor.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef scale_operation() {
  return {.name = "scale",
          .title = text::operation_scale_title,
          .summary = text::operation_scale_summary,
          .params = {{.name = "factor",
                      .title = text::param_factor,
                      .summary = text::param_factor_help,
                      .minimum = -10.0,
                      .maximum = 10.0,
                      .fallback = 2.0}},
          .run =
              [](const Request& request, Weights& weights) {
                const double factor = request.param("factor");
                for_each_weight(request, weights, [&](nn::WeightRef, float w) {
                  return static_cast<float>(factor * static_cast<double>(w));
                });
              },
          .words = [](const Request& request) -> Sentence {
            return {text::operation_scale_words, {{"factor", base::exact(request.param("factor"))}}};
          }};
}

}  // namespace weightroom::edit
