#include "teach/base.h"

#include <algorithm>

#include <strings/teach.h>

#include "base/check.h"

namespace weightroom::teach {
namespace {

const nn::Node& last_layer(const nn::Graph& graph) { return graph.nodes()[static_cast<std::size_t>(graph.logits())]; }

}  // namespace

Status check_base(const nn::Model& model) {
  const nn::Graph& graph = *model.graph;
  const std::size_t width = nn::feature_count(graph);
  const nn::Node& last = last_layer(graph);
  if (width == 0 || last.op->traits.window != nullptr) return fail(text::teach_no_linear, {{"model", model.name}});
  if (width > kMostFeatures)
    return fail(text::teach_wide, {{"model", model.name}, {"width", width}, {"most", kMostFeatures}});
  // Whoever else reads those weights would read the new ones.
  for (const nn::Node& node : graph.nodes()) {
    if (&node == &last) continue;
    if (std::ranges::any_of(last.weights,
                            [&](int t) { return std::ranges::find(node.weights, t) != node.weights.end(); }))
      return fail(text::teach_no_linear, {{"model", model.name}});
  }
  return {};
}

nn::Model with_head(const nn::Model& base, const Head& head, double scale, std::vector<std::string> labels) {
  CHECK(check_base(base).has_value() && labels.size() == head.biases.size());
  const nn::Graph& graph = *base.graph;
  const nn::Node& last = last_layer(graph);
  nn::GraphSpec spec = graph.spec();
  // Node 0 is the input, which the specification does not list.
  nn::Attributes& attributes = spec.nodes[static_cast<std::size_t>(graph.logits()) - 1].attributes;
  attributes = {};
  attributes.set("out_features", static_cast<long long>(head.classes));
  auto built = nn::Graph::build(spec);
  CHECK(built.has_value());
  nn::Model made = base;
  made.graph = std::move(*built);
  made.labels = std::move(labels);
  made.gauge.reset();

  std::vector<float> weights(made.graph->weight_count());
  for (const nn::GraphWeight& tensor : made.graph->weights()) {
    const auto to = std::span(weights).subspan(tensor.offset, tensor.shape.size());
    if (made.graph->nodes()[static_cast<std::size_t>(tensor.node)].name == last.name) {
      const bool kernel = tensor.shape.rank() == 2;
      for (std::size_t i = 0; i < to.size(); ++i)
        to[i] = static_cast<float>(kernel ? head.weights[i] / scale : head.biases[i]);
      continue;
    }
    const nn::GraphWeight& own = graph.weights()[static_cast<std::size_t>(graph.find_weight(tensor.name))];
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = base.weights[own.offset + i];
  }
  made.weights = nn::FlatWeights(std::move(weights));
  return made;
}

nn::Model on_layers_of(const nn::Model& base, const nn::Model& made) {
  const nn::Node& last = last_layer(*base.graph);
  std::vector<float> weights = base.weights.copy();
  for (const nn::GraphWeight& tensor : base.graph->weights()) {
    if (base.graph->nodes()[static_cast<std::size_t>(tensor.node)].name == last.name) continue;
    const nn::GraphWeight& other =
        made.graph->weights()[static_cast<std::size_t>(made.graph->find_weight(tensor.name))];
    std::copy_n(made.weights.begin() + static_cast<std::ptrdiff_t>(other.offset), tensor.shape.size(),
                weights.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
  }
  nn::Model model = base;
  model.weights = nn::FlatWeights(std::move(weights));
  return model;
}

}  // namespace weightroom::teach
