#include "cli/method_list.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>

#include "cli/files.h"
#include "explain/aliases.h"

namespace weightroom::cli {
namespace {

const char* size_word(explain::MapSize size) {
  switch (size) {
    case explain::MapSize::input:
      return "input";
    case explain::MapSize::pixels:
      return "pixels";
    case explain::MapSize::layer:
      return "layer";
  }
  return "";
}

// What can be set of a method: words where they are chosen from, else a range.
Json parameters_of(const explain::MethodDef& method) {
  Json all = Json::array();
  for (const explain::ParamSpec& spec : method.params) {
    Json row{{"name", std::string(spec.name)}, {"title", tr(spec.title)}, {"summary", tr(spec.summary)}};
    if (spec.choices.empty()) {
      row["minimum"] = spec.minimum;
      row["maximum"] = spec.maximum;
      row["whole"] = spec.integer;
      row["default"] = spec.fallback;
      row["zero"] = spec.zero ? tr(*spec.zero) : "";
    } else {
      row["default"] = explain::param_text(spec, spec.fallback);
      row["choices"] = Json::array();
      for (const auto& choice : spec.choices)
        row["choices"].push_back({{"word", std::string(choice.word)}, {"title", tr(choice.title)}});
    }
    all.push_back(std::move(row));
  }
  return all;
}

// What other programs call it.
Json aliases_of(const explain::MethodDef& method) {
  Json all = Json::array();
  for (const explain::Alias& alias : explain::aliases()) {
    if (!alias.ours || alias.method != method.name) continue;
    all.push_back(
        {{"alias", std::string(alias.name)}, {"library", std::string(alias.library)}, {"of_layer", alias.of_layer}});
  }
  return all;
}

}  // namespace

Json params_of(const explain::MethodDef& method, const explain::Params& params) {
  Json json = Json::object();
  for (const auto& [name, value] : params) {
    const auto& spec = *std::ranges::find(method.params, name, &explain::ParamSpec::name);
    if (!spec.choices.empty()) {
      json[name] = explain::param_text(spec, value);
    } else if (std::floor(value) == value && std::abs(value) < 1e15) {
      json[name] = static_cast<std::int64_t>(value);
    } else {
      json[name] = value;
    }
  }
  return json;
}

Status list_methods(const std::string& model_name, bool as_json) {
  const auto model = load_model(model_name);
  if (!model) return std::unexpected(model.error());
  Json all = Json::array();
  for (const explain::MethodDef& method : explain::methods()) {
    const explain::Params params = explain::checked_params(method, {}).value();
    Json row{{"method", std::string(method.name)},
             {"title", tr(method.title)},
             {"plain", tr(method.plain)},
             {"family", tr(explain::family_title(method.family))},
             {"summary", tr(method.summary)},
             {"paper", std::string(method.paper)},
             {"passes", method.passes({*model->graph, params})},
             {"params", params_of(method, params)},
             {"parameters", parameters_of(method)},
             {"size", size_word(method.size)},
             {"aliases", aliases_of(method)},
             {"uses_layer", method.uses_layer},
             {"takes_layer", method.takes_layer},
             {"complete", method.axioms.complete},
             {"axioms",
              {{"complete", method.axioms.complete},
               {"dummy", method.axioms.dummy},
               {"implementation", method.axioms.implementation},
               {"linear", method.axioms.linear}}},
             {"warning", method.warning ? tr(*method.warning) : ""}};
    if (!as_json) {
      std::cout << method.name << " (" << row["passes"].get<double>() << " passes): " << tr(method.summary) << '\n';
      for (const explain::ParamSpec& spec : method.params) {
        std::cout << "    --" << spec.name << " " << explain::param_text(spec, params.at(std::string(spec.name)));
        for (std::size_t i = 0; i < spec.choices.size(); ++i)
          std::cout << (i == 0 ? "  (" : ", ") << spec.choices[i].word;
        std::cout << (spec.choices.empty() ? "" : ")") << "  " << tr(spec.summary) << '\n';
      }
    }
    all.push_back(std::move(row));
  }
  if (as_json) print_json(all);
  return {};
}

}  // namespace weightroom::cli
