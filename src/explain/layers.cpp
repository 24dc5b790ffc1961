// Which layer the CAM family reads where none is named, and what becomes of its maps on the way to the logits. All of
// it is told by the graph.
#include <algorithm>

#include <strings/method.h>

#include "base/language.h"
#include "explain/method.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

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

// The activation function behind a layer: the last node that bends its values and lies behind nothing but ops that work
// place by place (a batch norm before it, the product in x * sigmoid(x)). The layer itself where there is none.
int bent(const nn::Graph& graph, int layer, const std::vector<bool>& passed) {
  const auto& nodes = graph.nodes();
  const std::vector<bool> on = on_the_way(graph);
  int last = layer;
  for (auto i = static_cast<std::size_t>(layer) + 1; i < nodes.size(); ++i) {
    if (!on[i]) continue;
    if (!nodes[i].op->pointwise || nodes[i].output != nodes[static_cast<std::size_t>(layer)].output) break;
    if (!passed[i] && nodes[i].op->traits.form != nn::Form::linear) last = static_cast<int>(i);
  }
  return last;
}

// Whether the output of a node still has more than one place.
bool has_places(const nn::Shape& shape) {
  if (shape.rank() == 4) return shape.h() * shape.w() > 1;
  return shape.rank() > 2 && shape[1] > 1;  // (N,T,C): a list of them
}

}  // namespace

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
  const auto& nodes = graph.nodes();
  const std::vector<bool> passed = nodes_passed_by(graph);
  int last_convolution = -1;
  int last_map = -1;
  for (const int layer : cam_layers(graph)) {
    const auto at = static_cast<std::size_t>(layer);
    if (!has_places(nodes[at].output)) continue;
    if (nn::is_convolution(nodes[at].op)) last_convolution = layer;
    if (!passed[at]) last_map = layer;
  }
  if (last_convolution < 0 || passed[static_cast<std::size_t>(last_convolution)])
    return last_map < 0 ? last_convolution : last_map;
  return bent(graph, last_convolution, passed);
}

bool linear_behind(const nn::Graph& graph, int layer) {
  if (nodes_passed_by(graph)[static_cast<std::size_t>(layer)]) return false;
  const std::vector<bool> on = on_the_way(graph);
  for (auto i = static_cast<std::size_t>(layer) + 1; i < on.size(); ++i) {
    if (on[i] && !is_linear(*graph.nodes()[i].op)) return false;
  }
  return true;
}

const MethodDef& default_method(const nn::Graph& graph) {
  const int layer = default_layer(graph);
  const std::vector<bool> on = on_the_way(graph);
  bool reads = layer >= 0 && !nodes_passed_by(graph)[static_cast<std::size_t>(layer)];
  // What mixes places by other means than weights (attention, a norm over all of them) leaves the layer's places with
  // little to say of the picture's.
  for (auto i = static_cast<std::size_t>(std::max(layer, 0)) + 1; reads && i < on.size(); ++i) {
    const nn::Node& node = graph.nodes()[i];
    const bool mixes = node.op != nullptr && node.op->traits.form == nn::Form::curved && !node.op->pointwise;
    reads = !(on[i] && mixes && has_places(node.output));
  }
  return *find_method(reads ? "grad_cam" : "gradient");
}

int layer_of(const Setting& setting) {
  if (setting.layer >= 0) return setting.layer;
  const int last = default_layer(setting.graph);
  if (last >= 0) return last;
  const std::vector<int> layers = cam_layers(setting.graph);
  return layers.empty() ? 0 : layers.back();
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
