#include "lab/origin.h"

#include <strings/json.h>

#include "io/json.h"

namespace weightroom::lab {

std::optional<Origin> origin_of(const nn::Model& model) {
  const auto json = io::parse_json(model.provenance, text::json_provenance);
  if (!json || !json->is_object() || !json->contains("origin") || !(*json)["origin"].is_object()) return std::nullopt;
  const auto& origin = (*json)["origin"];
  const auto word = [&](const char* name) {
    return origin.contains(name) && origin[name].is_string() ? origin[name].get<std::string>() : std::string();
  };
  if (word("name").empty() || word("fingerprint").empty()) return std::nullopt;
  return Origin{word("name"), word("fingerprint")};
}

std::string shipped_name(const nn::Model& model) {
  const auto origin = origin_of(model);
  return origin ? origin->name : model.name;
}

void name_origin(nn::Model& model) {
  auto json = io::parse_json(model.provenance, text::json_provenance);
  if (!json || !json->is_object()) return;  // a provenance in no form that we know is left as it is
  (*json)["origin"] = {{"name", model.name}, {"fingerprint", nn::fingerprint(*model.graph, model.weights)}};
  model.provenance = io::json_text(*json);
}

}  // namespace weightroom::lab
