#include "explain/rectifiers.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "explain/pass.h"

namespace weightroom::explain {
nn::BackwardRule rectifier_rule(Rectifier kind) {
  const auto positive = std::make_shared<std::vector<float>>();
  return [kind, positive](const nn::Node& node, const nn::BackwardArgs& args) {
    if (!node.op->traits.rectifier) return false;
    positive->resize(args.d_output.size());
    std::ranges::transform(args.d_output.values(), positive->begin(), [](float g) { return std::max(g, 0.0F); });
    if (kind == Rectifier::deconv) {
      float* to = args.d_inputs[0].data;
      if (to != nullptr) std::ranges::transform(*positive, args.d_inputs[0].values(), to, std::plus<>());
      return true;
    }
    nn::BackwardArgs clipped = args;
    clipped.d_output.data = positive->data();
    node.op->backward(clipped);
    return true;
  };
}

bool has_rectifier(const nn::Graph& graph) {
  return std::ranges::any_of(graph.nodes(),
                             [](const nn::Node& node) { return node.op != nullptr && node.op->traits.rectifier; });
}

base::Task rectified_gradient(const MethodInput& input, MethodOutput& output, Rectifier kind) {
  TargetPass pass(input.session, input.target);
  const nn::BackwardRule rule = rectifier_rule(kind);
  const int node = std::max(input.of_layer, 0);
  const auto map = (co_await pass.activation_gradient(input.input, node, &rule)).gradient.values();
  output.explanation.attribution.values.assign(map.begin(), map.end());
  if (!has_rectifier(input.graph())) output.explanation.note = Sentence(text::method_no_rectifier);
}

}  // namespace weightroom::explain
