#pragma once

#include <nlohmann/json.hpp>

#include "base/params.h"

namespace weightroom::lab {

// A method's or an operation's parameters as JSON has them: numbers, and words where a parameter has those.
[[nodiscard]] nlohmann::json params_json(const auto* definition, const base::Params& params) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : params) {
    json[name] = value;
    if (definition == nullptr) continue;
    for (const base::ParamSpec& spec : definition->params) {
      const bool word = spec.name == name && !spec.choices.empty() && value >= 0.0 && value <= spec.maximum;
      if (word) json[name] = base::param_text(spec, value);
    }
  }
  return json;
}

}  // namespace weightroom::lab
