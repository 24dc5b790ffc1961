// reinitialise: weights as a training begins with, so that what was learnt there is forgotten.
#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {

OperationDef reinitialise_operation() {
  return {.name = "reinitialise",
          .title = "Re-initialise",
          .summary = "Gives the weights chance values as before any training: what was learnt there is forgotten.",
          .params = {base::seed_param("which chance values")},
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
          .words =
              [](const Request& request) {
                return "re-initialised with seed " + base::number_text(request.param("seed"));
              }};
}

}  // namespace weightroom::edit
