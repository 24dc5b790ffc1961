#include <algorithm>

#include <strings/method.h>

#include "base/language.h"
#include "explain/method.h"
#include "explain/pass.h"
#include "explain/tunnel.h"

namespace weightroom::explain {

#define METHOD(name) MethodDef name##_method();
#include "explain/methods.inc"
#undef METHOD

std::span<const MethodDef> methods() {
  static const std::vector<MethodDef> all = {
#define METHOD(name) Tunnel<name##_method>::made(),
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

bool is_single_pass(const MethodDef& method, const Params& params) {
  return method.single_pass && tunnel_of(params) == NoiseKind::none;
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

// The nodes that some way from the picture to the logits goes past: nodes stand in an order in which each reads earlier
// ones, so that these are the ones an edge jumps over.
std::vector<bool> nodes_passed_by(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  const std::vector<bool> leads = leads_to_logits(graph);
  std::vector<bool> from_picture(nodes.size(), false);
  std::vector<bool> passed(nodes.size(), false);
  from_picture[0] = true;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    std::size_t first = i;
    for (const int source : nodes[i].inputs) {
      const auto s = static_cast<std::size_t>(source);
      if (from_picture[s]) first = std::min(first, s);
    }
    from_picture[i] = first < i;
    for (std::size_t between = first + 1; leads[i] && between < i; ++between) passed[between] = true;
  }
  return passed;
}

int default_layer(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  const std::vector<bool> passed = nodes_passed_by(graph);
  int last_convolution = -1;
  int last_map = -1;
  for (const int layer : cam_layers(graph)) {
    const auto at = static_cast<std::size_t>(layer);
    const nn::Shape& shape = nodes[at].output;
    if (shape.h() * shape.w() == 1) continue;
    if (nn::is_convolution(nodes[at].op)) last_convolution = layer;
    if (!passed[at]) last_map = layer;
  }
  const bool on_every_way = last_convolution >= 0 && !passed[static_cast<std::size_t>(last_convolution)];
  return on_every_way || last_map < 0 ? last_convolution : last_map;
}

Result<int> find_cam_layer(const nn::Graph& graph, std::string_view name) {
  const std::vector<int> layers = cam_layers(graph);
  const auto& nodes = graph.nodes();
  int in_module = -1;
  std::vector<std::string> names;
  for (const int layer : layers) {
    const std::string& own = nodes[static_cast<std::size_t>(layer)].name;
    if (own == name) return layer;
    if (own.starts_with(std::string(name) + ".")) in_module = layer;
    names.push_back(own);
  }
  if (in_module >= 0) return in_module;
  if (layers.empty()) return fail(text::method_no_layers);
  constexpr std::size_t kMostListed = 400;  // bytes
  return fail(text::method_no_layer,
              {{"name", name.substr(0, 60)}, {"layers", base::list_of_some(names, kMostListed)}});
}

}  // namespace weightroom::explain
