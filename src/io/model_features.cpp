#include "io/model_features.h"

#include <cmath>

#include <strings/json.h>
#include <strings/model.h>

#include "io/json.h"

namespace weightroom::io {

Status read_gauge(std::string_view text, const nn::Graph& graph, std::optional<nn::NoneOfThese>& out) {
  if (text.empty()) return {};
  const auto json = parse_json_object(text, text::json_gauge, 3);
  if (!json) return std::unexpected(json.error());
  const auto number = [](const Json& value, float& to) {
    if (value.is_number()) to = value.get<float>();
    return value.is_number() && std::isfinite(to);
  };
  nn::NoneOfThese gauge;
  bool good = json->size() == 3 && json->contains("bias") && json->contains("threshold") && json->contains("weights") &&
              number((*json)["bias"], gauge.bias) && number((*json)["threshold"], gauge.threshold) &&
              (*json)["weights"].is_array() && !(*json)["weights"].empty();
  if (good) {
    for (const Json& weight : (*json)["weights"]) good = number(weight, gauge.weights.emplace_back()) && good;
  }
  if (!good) return fail(text::model_gauge);
  const std::size_t wanted = nn::feature_count(graph);
  if (gauge.weights.size() != wanted)
    return fail(text::model_gauge_count, {{"n", gauge.weights.size()}, {"wanted", wanted}});
  out = std::move(gauge);
  return {};
}

Status read_feature_scale(std::string_view text, float& out) {
  if (text.empty()) return {};
  const auto json = parse_json(text, text::json_feature_scale, 1);
  if (!json) return std::unexpected(json.error());
  const float scale = json->is_number() ? json->get<float>() : 0.0F;
  if (!(scale > 0.0F) || !std::isfinite(scale)) return fail(text::model_feature_scale);
  out = scale;
  return {};
}

std::string gauge_text(const nn::NoneOfThese& gauge) {
  std::string weights;
  for (const float weight : gauge.weights) weights += (weights.empty() ? "" : ",") + float_text(weight);
  return "{\"bias\":" + float_text(gauge.bias) + ",\"threshold\":" + float_text(gauge.threshold) + ",\"weights\":[" +
         weights + "]}";
}

}  // namespace weightroom::io
