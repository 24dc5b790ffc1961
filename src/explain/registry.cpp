#include <algorithm>

#include <strings/method.h>

#include "explain/method.h"
#include "explain/pass.h"

namespace weightroom::explain {

#define METHOD(name) MethodDef name##_method();
#include "explain/methods.inc"
#undef METHOD

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

Text family_title(Family family) {
  switch (family) {
    case Family::gradient:
      return text::method_family_gradient;
    case Family::cam:
      return text::method_family_cam;
    case Family::perturbation:
      return text::method_family_perturbation;
    case Family::propagation:
      return text::method_family_propagation;
  }
  return text::method_family_gradient;
}

Result<double> read_choice(const MethodDef& method, std::string_view name, std::string_view word) {
  return base::read_choice({method.title, method.params}, name, word);
}

Status check_suits(const MethodDef& method, const nn::Graph& graph) {
  return method.suits == nullptr ? Status{} : method.suits(graph);
}

bool needs_other(const MethodDef& method, const Params& params) {
  return std::ranges::any_of(method.params, [&](const ParamSpec& spec) {
    const auto at = params.find(spec.name);
    return !spec.choices.empty() && at != params.end() && param_text(spec, at->second) == "picture";
  });
}

Result<Params> checked_params(const MethodDef& method, const Params& given) {
  return base::checked_params({method.title, method.params}, given);
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
    if (nn::is_convolution(graph.nodes()[static_cast<std::size_t>(*it)].op)) return *it;
  }
  return -1;
}

}  // namespace weightroom::explain
