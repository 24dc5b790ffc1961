#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nn/graph.h"
#include "nn/session.h"

namespace weightroom::nn {

// Tells a picture unlike everything that a model was trained on. The model learned one class more, of pictures that are
// none of the others (Hendrycks, Mazeika and Dietterich, "Deep anomaly detection with outlier exposure", 2019, have the
// idea); its row of the last layer is kept here. The score is that class's log-odds against all classes together:
//   weights · x + bias - log(sum of e^logit),
// x being what goes into the layer of the logits.
struct NoneOfThese {
  std::vector<float> weights;  // one for each number that goes into the layer of the logits
  float bias = 0.0F;
  float threshold = 0.0F;  // above it a picture is none of these

  // Of one picture; minus infinity where the logits are no numbers. Computed in double: the same bits everywhere.
  [[nodiscard]] double score(std::span<const float> features, std::span<const float> logits) const;
  [[nodiscard]] bool says(double score) const { return score > static_cast<double>(threshold); }
  [[nodiscard]] bool operator==(const NoneOfThese&) const = default;
};

// How many numbers go into the layer of the logits; 0 where that is no weighted sum of one row of numbers.
[[nodiscard]] std::size_t feature_count(const Graph& graph);
// They, of picture `sample` of the batch. The session's forward must be current, feature_count() above 0.
[[nodiscard]] std::span<const float> features(const Session& session, int sample = 0);

}  // namespace weightroom::nn
