// quantise: every weight becomes the nearest of a few values (Jacob et al. 2018; fp16: IEEE 754).
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/choice.h>
#include <strings/operation.h>
#include <strings/param.h>

#include "base/float16.h"
#include "base/language.h"
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
  return fail(text::operation_quantise_biases);
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
          .title = text::operation_quantise_title,
          .summary = text::operation_quantise_summary,
          .params = {{.name = "bits",
                      .title = text::param_bits,
                      .summary = text::param_bits_help,
                      .minimum = 1.0,
                      .maximum = 16.0,
                      .fallback = 8.0,
                      .integer = true},
                     base::choice_param("mode", text::param_mode, text::param_values_help,
                                        {{"symmetric", text::choice_symmetric},
                                         {"affine", text::choice_affine},
                                         {"fp16", text::choice_fp16}}),
                     base::choice_param("per", text::param_per, text::param_per_help,
                                        {{"tensor", text::choice_tensor}, {"channel", text::choice_channel}})},
          .check = check,
          .run = run,
          .words = [](const Request& request) -> Sentence {
            if (request.count("mode") == kFp16) return text::operation_quantise_fp16_words;
            constexpr Text kWords[2][2] = {
                {text::operation_quantise_words, text::operation_quantise_channels_words},
                {text::operation_quantise_affine_words, text::operation_quantise_affine_channels_words}};
            return {kWords[request.count("mode") == kAffine ? 1 : 0][request.count("per")],
                    {{"n", request.count("bits")}}};
          }};
}

}  // namespace weightroom::edit
