#include "nn/none_of_these.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/math.h"
#include "nn/answer.h"

namespace weightroom::nn {

double NoneOfThese::score(std::span<const float> features, std::span<const float> logits) const {
  CHECK(features.size() == weights.size());
  if (!all_finite(logits) || !all_finite(features)) return -std::numeric_limits<double>::infinity();
  double own = static_cast<double>(bias);
  for (std::size_t i = 0; i < weights.size(); ++i)
    own += static_cast<double>(weights[i]) * static_cast<double>(features[i]);
  const auto largest = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0.0;
  for (const float logit : logits) sum += base::exp(static_cast<double>(logit) - largest);
  return own - largest - base::log(sum);
}

std::size_t feature_count(const Graph& graph) {
  const Node& last = graph.nodes()[static_cast<std::size_t>(graph.logits())];
  if (!is_weighted_sum(last.op) || last.inputs.size() != 1) return 0;
  const Shape& from = graph.nodes()[static_cast<std::size_t>(last.inputs.front())].output;
  // A linear layer reads all that is there; a convolution reads as much only where it has one place.
  const bool one_row = last.op->traits.window == nullptr || from.h() * from.w() == 1;
  return one_row ? from.size() : 0;
}

std::span<const float> features(const Session& session, int sample) {
  const Graph& graph = session.graph();
  const std::size_t count = feature_count(graph);
  CHECK(count > 0);
  const Node& last = graph.nodes()[static_cast<std::size_t>(graph.logits())];
  return {session.activation(last.inputs.front()).sample(sample), count};
}

}  // namespace weightroom::nn
