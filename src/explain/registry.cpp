#include <algorithm>
#include <charconv>
#include <cmath>

#include "explain/pass.h"

namespace weightroom::explain {

#define METHOD(name) MethodDef name##_method();
#include "explain/methods.inc"
#undef METHOD

namespace {

std::string number(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

Error unknown_param(const MethodDef& method, std::string_view name) {
  std::string names;
  for (const ParamSpec& spec : method.params) {
    names += (names.empty() ? "" : ", ") + std::string(spec.name);
  }
  return Error{std::string(method.title) + " has no parameter '" + std::string(name.substr(0, 60)) + "'; it has " +
               (names.empty() ? "none" : names) + "."};
}

Status check_value(const MethodDef& method, const ParamSpec& spec, double value) {
  const std::string subject =
      "The parameter '" + std::string(spec.name) + "' of " + std::string(method.title) + " must be ";
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
