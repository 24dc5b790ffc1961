// shuffle: the same weights in another order, within each tensor (Fisher and Yates).
#include <utility>

#include <strings/operation.h>
#include <strings/param.h>

#include "base/rng.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

void run(const Request& request, Weights& weights) {
  const auto seed = static_cast<std::uint64_t>(request.param("seed"));
  const std::vector<Run> runs = runs_of(request.graph, request.region);
  for (std::size_t i = 0; i < runs.size();) {
    const int tensor = runs[i].tensor;
    const nn::GraphWeight& weight = request.graph.weights()[static_cast<std::size_t>(tensor)];
    std::vector<std::size_t> places;
    for (; i < runs.size() && runs[i].tensor == tensor; ++i) {
      for (std::size_t k = 0; k < runs[i].count; ++k) places.push_back(runs[i].first - weight.offset + k);
    }
    const auto values = weights.read(tensor);
    std::vector<float> changed(values.begin(), values.end());
    base::Rng rng(seed, "edit shuffle " + weight.name);
    for (std::size_t k = places.size(); k > 1; --k)
      std::swap(changed[places[k - 1]], changed[places[rng.below(static_cast<std::uint32_t>(k))]]);
    weights.write(tensor, changed);
  }
}

}  // namespace

OperationDef shuffle_operation() {
  return {.name = "shuffle",
          .title = text::operation_shuffle_title,
          .summary = text::operation_shuffle_summary,
          .params = {base::seed_param(text::param_seed_order_help)},
          .run = run,
          .words = [](const Request&) -> Sentence { return text::operation_shuffle_words; }};
}

}  // namespace weightroom::edit
