#pragma once

#include <algorithm>

#include "base/params.h"
#include "io/json_writer.h"

namespace weightroom::document {

// A method's or an operation's parameters as JSON has them: numbers, and words where a parameter has those.
[[nodiscard]] io::JsonWriter params_json(const auto* definition, const base::Params& params) {
  io::JsonWriter json = io::JsonWriter::object();
  for (const auto& [name, value] : params) {
    const base::ParamSpec* spec = nullptr;
    if (definition != nullptr) {
      const auto at = std::ranges::find(definition->params, std::string_view(name), &base::ParamSpec::name);
      if (at != definition->params.end()) spec = &*at;
    }
    const bool word = spec != nullptr && !spec->choices.empty() && value >= 0.0 && value <= spec->maximum;
    json.put(name, word ? io::JsonWriter(base::param_text(*spec, value)) : io::JsonWriter::exact(value));
  }
  return json;
}

}  // namespace weightroom::document
