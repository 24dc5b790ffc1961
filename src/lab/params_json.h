#pragma once

#include <nlohmann/json.hpp>

#include "explain/method.h"

namespace weightroom::lab {

// A method's parameters as JSON has them: numbers, and words where a parameter has those.
[[nodiscard]] inline nlohmann::json params_json(const explain::MethodDef* method, const explain::Params& params) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : params) {
    json[name] = value;
    if (method == nullptr) continue;
    for (const explain::ParamSpec& spec : method->params) {
      const bool word = spec.name == name && !spec.choices.empty() && value >= 0.0 && value <= spec.maximum;
      if (word) json[name] = explain::param_text(spec, value);
    }
  }
  return json;
}

}  // namespace weightroom::lab
