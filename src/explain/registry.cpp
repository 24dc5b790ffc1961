#include <algorithm>
#include <cmath>

#include "base/decimal.h"
#include "explain/method.h"
#include "explain/pass.h"

namespace weightroom::explain {

#define METHOD(name) MethodDef name##_method();
#include "explain/methods.inc"
#undef METHOD

namespace {

std::string number(double value) { return base::number_text(value); }

Error unknown_param(const MethodDef& method, std::string_view name) {
  std::string names;
  for (const ParamSpec& spec : method.params) {
    names += (names.empty() ? "" : ", ") + std::string(spec.name);
  }
  return Error{std::string(method.title) + " has no parameter '" + std::string(name.substr(0, 60)) + "'; it has " +
               (names.empty() ? "none" : names) + "."};
}

std::string in_words(const std::vector<std::string_view>& choices) {
  std::string words;
  for (std::string_view word : choices) words += (words.empty() ? "" : ", ") + std::string(word);
  return words;
}

Status check_value(const MethodDef& method, const ParamSpec& spec, double value) {
  const std::string subject =
      "The parameter '" + std::string(spec.name) + "' of " + std::string(method.title) + " must be ";
  const bool place = value >= spec.minimum && value <= spec.maximum && std::floor(value) == value;
  if (!spec.choices.empty() && !place) return fail(subject + "one of " + in_words(spec.choices) + ".");
  // Written so that NaN fails.
  if (!(value >= spec.minimum && value <= spec.maximum)) {
    return fail(subject + "from " + number(spec.minimum) + " to " + number(spec.maximum) + ", not " + number(value) +
                ".");
  }
  if (spec.integer && std::floor(value) != value) return fail(subject + "a whole number, not " + number(value) + ".");
  return {};
}

}  // namespace

std::span<const MethodDef> methods() {
  static const std::vector<MethodDef> all = {
#define METHOD(name) name##_method(),
#include "explain/methods.inc"
#undef METHOD
  };
  return all;
}

const MethodDef* find_method(std::string_view name) {
  const auto all = methods();
  const auto it = std::ranges::find(all, name, &MethodDef::name);
  return it == all.end() ? nullptr : &*it;
}

ParamSpec choice_param(std::string_view name, std::string_view summary, std::vector<std::string_view> choices) {
  ParamSpec spec{.name = name, .summary = summary, .integer = true, .choices = std::move(choices)};
  spec.maximum = static_cast<double>(spec.choices.size()) - 1.0;
  return spec;
}

ParamSpec seed_param(std::string_view summary) {
  return {.name = "seed", .summary = summary, .maximum = 1'000'000.0, .integer = true};
}

std::string_view family_title(Family family) {
  switch (family) {
    case Family::gradient:
      return "Gradients";
    case Family::cam:
      return "Feature maps";
    case Family::perturbation:
      return "Hide and see";
    case Family::propagation:
      return "Shares handed back";
  }
  return "";
}

Result<double> read_choice(const MethodDef& method, std::string_view name, std::string_view word) {
  const auto spec = std::ranges::find(method.params, name, &ParamSpec::name);
  if (spec == method.params.end()) return std::unexpected(unknown_param(method, name));
  const auto at = std::ranges::find(spec->choices, word);
  if (at != spec->choices.end()) return static_cast<double>(at - spec->choices.begin());
  return fail("The parameter '" + std::string(name) + "' of " + std::string(method.title) + " must be " +
              (spec->choices.empty() ? "a number" : "one of " + in_words(spec->choices)) + ", not \"" +
              std::string(word.substr(0, 60)) + "\".");
}

std::string param_text(const ParamSpec& spec, double value) {
  if (spec.choices.empty()) return number(value);
  return std::string(spec.choices[static_cast<std::size_t>(value)]);
}

bool needs_other(const MethodDef& method, const Params& params) {
  return std::ranges::any_of(method.params, [&](const ParamSpec& spec) {
    const auto at = params.find(spec.name);
    return !spec.choices.empty() && at != params.end() && param_text(spec, at->second) == "picture";
  });
}

Result<Params> checked_params(const MethodDef& method, const Params& given) {
  for (const auto& [name, value] : given) {
    if (std::ranges::find(method.params, name, &ParamSpec::name) == method.params.end()) {
      return std::unexpected(unknown_param(method, name));
    }
  }
  Params params;
  for (const ParamSpec& spec : method.params) {
    const auto it = given.find(spec.name);
    const double value = it == given.end() ? spec.fallback : it->second;
    if (auto ok = check_value(method, spec, value); !ok) return std::unexpected(ok.error());
    params.emplace(spec.name, value);
  }
  return params;
}

std::vector<int> cam_layers(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  // Every node reads an earlier one, so whatever the logits depend on depends on the input too.
  const std::vector<bool> leads = leads_to_logits(graph);
  std::vector<int> layers;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (leads[i] && nodes[i].output.rank() == 4) layers.push_back(static_cast<int>(i));
  }
  return layers;
}

int default_layer(const nn::Graph& graph) {
  const std::vector<int> layers = cam_layers(graph);
  for (auto it = layers.rbegin(); it != layers.rend(); ++it) {
    if (graph.nodes()[static_cast<std::size_t>(*it)].op->name == "conv2d") return *it;
  }
  return -1;
}

}  // namespace weightroom::explain
