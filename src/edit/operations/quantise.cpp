// quantise: every weight becomes the nearest of a few values (Jacob et al. 2018; fp16: IEEE 754).
#include <algorithm>
#include <array>
#include <cmath>

#include "base/decimal.h"
#include "base/float16.h"
#include "base/quantiser.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

enum Mode { kSymmetric = 0, kAffine = 1, kFp16 = 2 };

bool is_quantised(const Request& request, const nn::GraphWeight& tensor) {
  return request.count("mode") == kFp16 || tensor.shape.rank() >= 2;
}

Status check(const Request& request) {
  for (const Box& box : request.region.boxes) {
    if (is_quantised(request, request.graph.weights()[static_cast<std::size_t>(box.tensor)])) return {};
  }
  return fail("Biases are not quantised to so few bits: choose weights that join one layer to the next, or fp16.");
}

float to_half(float w) {
  // What a half cannot hold stays as large as one can be.
  return base::half_to_float(base::float_to_half(std::clamp(w, -65504.0F, 65504.0F)));
}

void run(const Request& request, Weights& weights) {
  if (request.count("mode") == kFp16) {
    for_each_weight(request, weights, [](nn::WeightRef, float w) { return to_half(w); });
    return;
  }
  const bool by_channel = request.count("per") == 1;
  const std::vector<Run> runs = runs_of(request.graph, request.region);
  for (std::size_t i = 0; i < runs.size();) {
    const int t = runs[i].tensor;
    const nn::GraphWeight& tensor = request.graph.weights()[static_cast<std::size_t>(t)];
    // The weights that share a scale, as elements of the tensor.
    std::vector<std::vector<std::size_t>> groups(by_channel ? static_cast<std::size_t>(tensor.shape[0]) : 1);
    const std::size_t each = tensor.shape.size() / groups.size();
    for (; i < runs.size() && runs[i].tensor == t; ++i) {
      for (std::size_t k = runs[i].first - tensor.offset; k < runs[i].first - tensor.offset + runs[i].count; ++k)
        groups[k / each].push_back(k);
    }
    if (!is_quantised(request, tensor)) continue;
    const auto now = weights.read(t);
    std::vector<float> changed(now.begin(), now.end());
    for (const auto& group : groups) {
      std::vector<float> values;
      for (const std::size_t k : group) values.push_back(now[k]);
      const base::Quantiser quantiser(values, request.count("bits"), request.count("mode") == kAffine);
      for (const std::size_t k : group) changed[k] = quantiser.nearest(now[k]);
    }
    weights.write(t, changed);
  }
}

}  // namespace

OperationDef quantise_operation() {
  return {.name = "quantise",
          .title = "Quantise",
          .summary = "Rounds every weight to one of a few values, so that it can be stored in a few bits.",
          .params = {{.name = "bits",
                      .summary = "of each weight: 8 allow 255 values, 1 allows two",
                      .minimum = 1.0,
                      .maximum = 16.0,
                      .fallback = 8.0,
                      .integer = true},
                     base::choice_param("mode", "which values", {"symmetric", "affine", "fp16"}),
                     base::choice_param("per", "what has a scale of its own", {"tensor", "channel"})},
          .check = check,
          .run = run,
          .words = [](const Request& request) {
            if (request.count("mode") == kFp16) return std::string("rounded to fp16");
            return "quantised to " + base::number_text(request.param("bits")) + " bits a weight" +
                   (request.count("mode") == kAffine ? ", affine" : "") +
                   (request.count("per") == 1 ? ", channel by channel" : "");
          }};
}

}  // namespace weightroom::edit
