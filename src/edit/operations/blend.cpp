// blend: between the weights as loaded and as they are.
#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

void run(const Request& request, Weights& weights) {
  const double share = request.param("share");
  int tensor = -1;
  std::span<const float> loaded;
  for_each_weight(request, weights, [&](nn::WeightRef ref, float w) {
    if (ref.tensor != tensor) {
      tensor = ref.tensor;
      loaded = request.loaded->read(tensor);
    }
    const float from = loaded[ref.element];
    if (share == 0.0) return from;
    if (share == 1.0) return w;
    return static_cast<float>(static_cast<double>(from) + share * (static_cast<double>(w) - static_cast<double>(from)));
  });
}

}  // namespace

OperationDef blend_operation() {
  return {.name = "blend",
          .title = "Blend",
          .summary = "Goes back towards the weights as loaded: 0 is as loaded, 1 as they are.",
          .params = {{.name = "share", .summary = "of the way from loaded to edited", .fallback = 0.5}},
          .run = run,
          .words = [](const Request& request) {
            return base::number_text(100.0 * request.param("share")) + " % of the way from the loaded weights";
          }};
}

}  // namespace weightroom::edit
