#include "explain/weights.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "explain/pass.h"

namespace weightroom::explain {
namespace {

// What is laid round the picture must be nothing, or what no maximum takes.
bool pads_without_constant(const nn::Graph& graph, const nn::Node& pad) {
  constexpr double kLowest = -1e30;
  const double value = pad.op->traits.border(pad.attributes);
  if (value == 0.0) return true;
  return value <= kLowest && std::ranges::all_of(graph.nodes(), [&](const nn::Node& reader) {
           const bool reads = std::ranges::any_of(
               reader.inputs, [&](int source) { return &graph.nodes()[static_cast<std::size_t>(source)] == &pad; });
           return !reads || reader.op->traits.pool == nn::Pool::largest;
         });
}

bool is_piecewise_linear(const nn::Graph& graph, const nn::Node& node) {
  const nn::Traits& traits = node.op->traits;
  if (node.op->constant) return false;
  if (traits.border != nullptr) return pads_without_constant(graph, node);
  // f(c x) = c f(x) for c > 0, biases apart.
  return traits.form == nn::Form::linear || traits.homogeneous;
}

// Whether every way from the input to the logits passes through the node: nothing from before it is
// read after it.
bool passed_by_all(const nn::Graph& graph, const std::vector<bool>& leads, std::size_t node) {
  const auto& nodes = graph.nodes();
  for (std::size_t i = node + 1; i < nodes.size(); ++i) {
    if (leads[i] && std::ranges::any_of(nodes[i].inputs, [&](int s) { return s < static_cast<int>(node); }))
      return false;
  }
  return leads[node];
}

class Sums {
 public:
  Sums(const nn::Session& session, std::span<const float> gradient) : session_(session), gradient_(gradient) {}

  // Sum (or sum of sizes) of w df/dw over a node's k-th weight tensor.
  [[nodiscard]] double of(const nn::Node& node, std::size_t k, bool sizes = false) const {
    const auto [from, count] = place(node, k);
    double sum = 0.0;
    const auto values = session_.weight(node.weights[k]);
    for (std::size_t i = 0; i < count; ++i) {
      const double share = static_cast<double>(values[i]) * static_cast<double>(gradient_[from + i]);
      sum += sizes ? std::fabs(share) : share;
    }
    return sum;
  }

  // What the node adds whatever it is given: its bias and, of a batch_norm, the mean that it takes
  // away.
  [[nodiscard]] double constants(const nn::Node& node) const {
    if (node.weights.size() < 2) return 0.0;
    return of(node, 1) - (node.op->traits.channel_norm ? means(node) : 0.0);
  }

 private:
  [[nodiscard]] std::pair<std::size_t, std::size_t> place(const nn::Node& node, std::size_t k) const {
    const nn::GraphWeight& weight = session_.graph().weights()[static_cast<std::size_t>(node.weights[k])];
    return {weight.offset, weight.shape.size()};
  }

  // sum of mean * scale / sqrt(var + epsilon) * df/dbias
  [[nodiscard]] double means(const nn::Node& node) const {
    const double epsilon = node.attributes.real("epsilon", 1e-5).value();
    const auto value = [&](std::size_t k, std::size_t c) {
      return static_cast<double>(session_.weight(node.weights[k])[c]);
    };
    const auto [bias, channels] = place(node, 1);
    double sum = 0.0;
    for (std::size_t c = 0; c < channels; ++c) {
      sum += value(2, c) * value(0, c) / std::sqrt(value(3, c) + epsilon) * static_cast<double>(gradient_[bias + c]);
    }
    return sum;
  }

  const nn::Session& session_;
  std::span<const float> gradient_;
};

}  // namespace

std::vector<float> weight_gradient(nn::Session& session, int target) {
  CHECK(session.batch() == 1);
  const std::vector<float> seed = nn::one_hot(1, session.graph().class_count(), target);
  nn::BackwardRequest request;
  request.d_from = seed;
  request.input = false;
  request.weights = true;
  session.clear_d_weights();
  session.backward(request);
  return {session.d_weights().begin(), session.d_weights().end()};
}

std::vector<float> weight_x_gradient(const nn::Session& session, std::span<const float> gradient) {
  CHECK(gradient.size() == session.graph().weight_count());
  std::vector<float> product = session.copy_weights();
  std::ranges::transform(product, gradient, product.begin(), std::multiplies<>());
  return product;
}

double LayerIdentity::error() const { return std::fabs(weights + biases - logit) / std::max(1.0, magnitude); }

std::vector<LayerIdentity> layer_identities(const nn::Session& session, std::span<const float> gradient, int target) {
  CHECK(gradient.size() == session.graph().weight_count() && session.current());
  const nn::Graph& graph = session.graph();
  const auto& nodes = graph.nodes();
  const std::vector<bool> leads = leads_to_logits(graph);
  const Sums sums(session, gradient);
  std::vector<LayerIdentity> rows;
  double later = 0.0;
  for (std::size_t i = nodes.size(); i-- > 1;) {
    if (!leads[i]) continue;
    const nn::Node& node = nodes[i];
    if (!is_piecewise_linear(graph, node)) return {};
    if (node.weights.empty()) continue;
    if (passed_by_all(graph, leads, i)) {
      const double own = node.weights.size() > 1 ? sums.of(node, 1) : 0.0;
      rows.push_back({static_cast<int>(i), sums.of(node, 0), sums.of(node, 0, true), own + later,
                      static_cast<double>(session.logits().data[target])});
    }
    later += sums.constants(node);
  }
  std::ranges::reverse(rows);
  return rows;
}

}  // namespace weightroom::explain
