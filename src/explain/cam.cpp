#include "explain/cam.h"

#include <algorithm>
#include <cmath>

#include <strings/method.h>
#include <strings/param.h>

#include "explain/costs.h"

namespace weightroom::explain {
namespace {

// Whether every feature map counts alike at all of its places, as a mean over them makes it.
bool counts_alike(const Planes& planes) {
  constexpr float kRounding = 1e-5F;
  for (std::size_t k = 0; k < planes.count; ++k) {
    const auto [low, high] = std::ranges::minmax(planes.gradient.subspan(k * planes.size, planes.size));
    if (!(high - low <= kRounding * std::max(std::fabs(low), std::fabs(high)))) return false;
  }
  return true;
}

}  // namespace

ParamSpec positive_param() {
  return {"positive_only", text::param_positive_only, text::param_positive_only_help, 0, 1, 0, true};
}

std::optional<Sentence> places_of(const MethodDef& method, const Explanation& found) {
  if (method.size != MapSize::layer) return std::nullopt;
  return Sentence(found.adds_up ? text::method_places_add_up : text::method_places,
                  {{"n", found.attribution.values.size()}});
}

std::optional<Sentence> layer_note(int layer) {
  return layer == 0 ? std::optional(Sentence(text::method_no_layer_note)) : std::nullopt;
}

Planes planes_of(const TargetPass::Activation& layer) {
  const nn::Shape& shape = layer.value.shape;
  const auto size = static_cast<std::size_t>(shape.h()) * static_cast<std::size_t>(shape.w());
  return {layer.value.values(), layer.gradient.values(), layer.value.size() / size, size};
}

base::Task layer_map(const MethodInput& input, MethodOutput& output, MakeMap make) {
  TargetPass pass(input.session, input.target);
  const auto layer = co_await pass.activation_gradient(input.input, layer_of(input.setting()));
  make(input, planes_of(layer), output);
}

MethodDef layer_method(std::string_view name, Text title, Text plain, Text summary, std::string_view paper,
                       Axioms axioms) {
  return {.name = name,
          .title = title,
          .plain = plain,
          .summary = summary,
          .paper = paper,
          .family = Family::cam,
          .params = {positive_param()},
          .axioms = axioms,
          .size = MapSize::layer,
          .uses_layer = true,
          .single_pass = true,
          .passes = one_gradient};
}

void show_weighted(const MethodInput& input, std::span<const double> weights, std::span<const float> maps,
                   MethodOutput& output) {
  const std::size_t size = maps.size() / weights.size();
  std::vector<double> map(size, 0.0);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    for (std::size_t i = 0; i < size; ++i) map[i] += weights[k] * static_cast<double>(maps[k * size + i]);
  }
  show_map(input, map, output);
}

void show_map(const MethodInput& input, std::span<const double> map, MethodOutput& output) {
  const bool positive = input.param("positive_only") != 0.0;
  std::ranges::transform(map, output.explanation.attribution.values.begin(),
                         [positive](double sum) { return static_cast<float>(positive ? std::max(sum, 0.0) : sum); });
  output.explanation.note = layer_note(layer_of(input.setting()));
}

void tell_sum(const MethodInput& input, const Planes& planes, Slopes slopes, MethodOutput& output) {
  output.explanation.adds_up = input.param("positive_only") == 0.0 &&
                               linear_behind(input.graph(), layer_of(input.setting())) &&
                               (slopes == Slopes::own || counts_alike(planes));
}

}  // namespace weightroom::explain
