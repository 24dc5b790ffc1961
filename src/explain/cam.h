#pragma once

#include <vector>

#include "explain/method.h"
#include "explain/pass.h"

// The CAM family: maps made of a layer's feature maps.
namespace weightroom::explain {

// The parameter `positive_only`: the final ReLU of the papers, off unless asked for, since it makes evidence against
// the class look like none.
[[nodiscard]] ParamSpec positive_param();

// What all of them say where a network has no layer with maps.
[[nodiscard]] std::optional<Sentence> layer_note(int layer);

// A layer's planes: (K,h,w) values and as many gradients.
struct Planes {
  std::span<const float> value;
  std::span<const float> gradient;
  std::size_t count;  // K
  std::size_t size;   // h w
};
[[nodiscard]] Planes planes_of(const TargetPass::Activation& layer);

// A method of one backward pass to the layer: `make` fills the map from its planes. The fields that all of them share.
using MakeMap = void (*)(const MethodInput& input, const Planes& planes, MethodOutput& output);
base::Task layer_map(const MethodInput& input, MethodOutput& output, MakeMap make);
[[nodiscard]] MethodDef layer_method(std::string_view name, Text title, Text plain, Text summary,
                                     std::string_view paper, Axioms axioms);

// sum over k of weights[k] A_k, with the ReLU where it is asked for.
void show_weighted(const MethodInput& input, std::span<const double> weights, std::span<const float> maps,
                   MethodOutput& output);
// map: (h,w)
void show_map(const MethodInput& input, std::span<const double> map, MethodOutput& output);
// Explanation::adds_up of gradients times feature maps, where the gradients are averaged over each map, and where each
// place has its own.
enum class Slopes { averaged, own };
void tell_sum(const MethodInput& input, const Planes& planes, Slopes slopes, MethodOutput& output);

}  // namespace weightroom::explain
