// noise: Gaussian noise, as strong as a share of the spread of each tensor's weights.
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "base/rng.h"
#include "base/statistics.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

// The noise of a weight depends on the seed and its place alone, not on what else is selected.
void run(const Request& request, Weights& weights) {
  const double amount = request.param("amount");
  const auto seed = static_cast<std::uint64_t>(request.param("seed"));
  std::vector<double> spread(request.graph.weights().size(), -1.0);
  for (const Run& part : runs_of(request.graph, request.region)) {
    double& of = spread[static_cast<std::size_t>(part.tensor)];
    if (of < 0.0) of = base::deviation(weights.read(part.tensor));
  }
  for_each_weight(request, weights, [&](nn::WeightRef ref, float w) {
    base::Rng rng(seed, "edit noise", nn::flat_index(request.graph, ref));
    return static_cast<float>(static_cast<double>(w) +
                              amount * spread[static_cast<std::size_t>(ref.tensor)] * rng.normal());
  });
}

}  // namespace

OperationDef noise_operation() {
  return {.name = "noise",
          .title = text::operation_noise_title,
          .summary = text::operation_noise_summary,
          .params = {{.name = "amount",
                      .title = text::param_amount,
                      .summary = text::param_amount_help,
                      .maximum = 5.0,
                      .fallback = 0.2},
                     base::seed_param(text::param_seed_noise_help)},
          .run = run,
          .words = [](const Request& request) -> Sentence {
            return {text::operation_noise_words, {{"percent", base::exact(100.0 * request.param("amount"))}}};
          }};
}

}  // namespace weightroom::edit
