#include "explain/rectifiers.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "explain/pass.h"

namespace weightroom::explain {
namespace {

// x sigmoid(x) in two nodes, as PyTorch exports SiLU: the product is the rectifier, and x its input. (Beside a gate
// that is computed from elsewhere, as in squeeze and excitation, a product stays what it is.) The place of x among the
// product's inputs; -1 where the node is no such product.
int gated_input(const nn::Graph& graph, const nn::Node& node) {
  if (node.op == nullptr || !node.op->traits.product || node.inputs.size() != 2) return -1;
  for (std::size_t x = 0; x < 2; ++x) {
    const nn::Node& gate = graph.nodes()[static_cast<std::size_t>(node.inputs[1 - x])];
    const bool bounded = gate.op != nullptr && gate.op->traits.gate;
    if (bounded && gate.inputs.front() == node.inputs[x]) return static_cast<int>(x);
  }
  return -1;
}

// The input whose gradient the rule changes; -1: none.
int rectified_input(const nn::Graph& graph, const nn::Node& node) {
  return node.op != nullptr && node.op->traits.rectifier ? 0 : gated_input(graph, node);
}

}  // namespace

nn::BackwardRule rectifier_rule(const nn::Graph& graph, Rectifier kind) {
  const auto positive = std::make_shared<std::vector<float>>();
  return [&graph, kind, positive](const nn::Node& node, const nn::BackwardArgs& args) {
    const int input = rectified_input(graph, node);
    if (input < 0) return false;
    positive->resize(args.d_output.size());
    std::ranges::transform(args.d_output.values(), positive->begin(), [](float g) { return std::max(g, 0.0F); });
    if (kind == Rectifier::deconv) {
      const nn::Tensor& d_input = args.d_inputs[static_cast<std::size_t>(input)];
      float* to = d_input.data;
      if (to != nullptr) std::ranges::transform(*positive, d_input.values(), to, std::plus<>());
      return true;
    }
    nn::BackwardArgs clipped = args;
    clipped.d_output.data = positive->data();
    node.op->backward(clipped);
    return true;
  };
}

bool has_rectifier(const nn::Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [&](const nn::Node& node) { return rectified_input(graph, node) >= 0; });
}

base::Task rectified_gradient(const MethodInput& input, MethodOutput& output, Rectifier kind) {
  TargetPass pass(input.session, input.target);
  const nn::BackwardRule rule = rectifier_rule(input.graph(), kind);
  const int node = std::max(input.of_layer, 0);
  const auto map = (co_await pass.activation_gradient(input.input, node, &rule)).gradient.values();
  output.explanation.attribution.values.assign(map.begin(), map.end());
  if (!has_rectifier(input.graph())) output.explanation.note = Sentence(text::method_no_rectifier);
}

}  // namespace weightroom::explain
