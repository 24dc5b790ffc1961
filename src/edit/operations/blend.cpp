// blend: between the weights as loaded and as they are.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
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
          .title = text::operation_blend_title,
          .summary = text::operation_blend_summary,
          .params =
              {{.name = "share", .title = text::param_share, .summary = text::param_blend_share_help, .fallback = 0.5}},
          .run = run,
          .words = [](const Request& request) -> Sentence {
            return {text::operation_blend_words, {{"percent", base::exact(100.0 * request.param("share"))}}};
          }};
}

}  // namespace weightroom::edit
