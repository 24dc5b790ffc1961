// clamp: no weight is larger than a limit, with either sign.
#include <algorithm>

#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef clamp_operation() {
  return {.name = "clamp",
          .title = text::operation_clamp_title,
          .summary = text::operation_clamp_summary,
          .params = {{.name = "limit",
                      .title = text::param_limit,
                      .summary = text::param_limit_help,
                      .minimum = 0.0,
                      .maximum = 10.0,
                      .fallback = 1.0}},
          .run =
              [](const Request& request, Weights& weights) {
                const auto limit = static_cast<float>(request.param("limit"));
                for_each_weight(request, weights, [&](nn::WeightRef, float w) { return std::clamp(w, -limit, limit); });
              },
          .words = [](const Request& request) -> Sentence {
            return {text::operation_clamp_words, {{"limit", base::exact(request.param("limit"))}}};
          }};
}

}  // namespace weightroom::edit
