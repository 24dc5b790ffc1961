// reinitialise: the weights that training starts from, so that what was learned there is forgotten.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef reinitialise_operation() {
  return {.name = "reinitialise",
          .title = text::operation_reinitialise_title,
          .summary = text::operation_reinitialise_summary,
          .params = {base::seed_param(text::param_seed_values_help)},
          .run =
              [](const Request& request, Weights& weights) {
                const auto seed = static_cast<std::uint64_t>(request.param("seed"));
                int tensor = -1;
                std::vector<float> fresh;
                for_each_weight(request, weights, [&](nn::WeightRef ref, float) {
                  if (ref.tensor != tensor) {
                    tensor = ref.tensor;
                    fresh = nn::initial_tensor(request.graph, tensor, seed);
                  }
                  return fresh[ref.element];
                });
              },
          .words = [](const Request& request) -> Sentence {
            return {text::operation_reinitialise_words, {{"seed", base::exact(request.param("seed"))}}};
          }};
}

}  // namespace weightroom::edit
