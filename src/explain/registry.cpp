#include <algorithm>

#include <strings/method.h>

#include "explain/method.h"
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

Text family_plain(Family family) {
  switch (family) {
    case Family::gradient:
      return text::method_family_gradient_plain;
    case Family::cam:
      return text::method_family_cam_plain;
    case Family::perturbation:
      return text::method_family_perturbation_plain;
    case Family::propagation:
      return text::method_family_propagation_plain;
  }
  return text::method_family_gradient_plain;
}

Text family_summary(Family family) {
  switch (family) {
    case Family::gradient:
      return text::method_family_gradient_summary;
    case Family::cam:
      return text::method_family_cam_summary;
    case Family::perturbation:
      return text::method_family_perturbation_summary;
    case Family::propagation:
      return text::method_family_propagation_summary;
  }
  return text::method_family_gradient_summary;
}

Text colours_of(const MethodDef& method, const Params& params) {
  const NoiseKind noise = tunnel_of(params);
  if (noise == NoiseKind::smoothgrad_sq || noise == NoiseKind::vargrad) return text::method_colours_strength;
  const auto positive = params.find("positive_only");
  if (positive != params.end() && positive->second != 0.0) return text::method_colours_only_for;
  return method.colours.value_or(text::method_colours);
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

}  // namespace weightroom::explain
