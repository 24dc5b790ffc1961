#include "document/edit_state.h"

#include <algorithm>

#include "base/math.h"

namespace weightroom::document {
namespace {

void zero(PagedWeights& weights, std::size_t first, std::size_t count) {
  weights.set_range(first, std::vector<float>(count, 0.0F));
}

// The batch_norm that reads a node, or -1: a channel of zeros would leave it as its shift.
int norm_after(const nn::Graph& graph, int node) {
  const auto& nodes = graph.nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (nodes[i].op->traits.channel_norm && nodes[i].inputs.front() == node) return static_cast<int>(i);
  }
  return -1;
}

// What makes channel c of a node 0: its kernels and its bias (of a norm: scale and shift, not what was measured).
void zero_channel(const nn::Graph& graph, int node, int channel, PagedWeights& weights) {
  for (const int t : graph.nodes()[static_cast<std::size_t>(node)].weights) {
    const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(t)];
    if (!tensor.trainable) continue;
    const std::size_t each = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
    zero(weights, tensor.offset + static_cast<std::size_t>(channel) * each, each);
  }
}

}  // namespace

Difference difference(const nn::Graph& graph, const PagedWeights& before, const PagedWeights& after,
                      std::size_t listed) {
  Difference found;
  for (std::size_t p = 0; p < after.page_count(); ++p) {
    if (before.shares_page(after, p)) continue;
    const auto a = before.page(p);
    const auto b = after.page(p);
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (base::same_bits(a[i], b[i])) continue;
      if (found.count++ < listed) found.edits.push_back({nn::ref_of(graph, p * PagedWeights::kPage + i), a[i], b[i]});
    }
  }
  return found;
}

bool has_channels(const nn::Graph& graph, int node) {
  return nn::is_weighted_sum(graph.nodes()[static_cast<std::size_t>(node)].op);
}

bool is_activation(const nn::Graph& graph, int node) {
  const nn::Node& row = graph.nodes()[static_cast<std::size_t>(node)];
  return row.op != nullptr && row.op->pointwise && row.op->input_count == 1 && row.weights.empty();
}

std::vector<int> off_activations(const EditState& state) {
  std::vector<int> nodes;
  for (const Off& off : state.off) {
    if (off.channel < 0) nodes.push_back(off.node);
  }
  return nodes;
}

void settle_running(const nn::Graph& graph, EditState& state) {
  state.running = state.weights;
  for (const Off& off : state.off) {
    if (off.channel < 0) continue;
    zero_channel(graph, off.node, off.channel, state.running);
    if (const int norm = norm_after(graph, off.node); norm >= 0) zero_channel(graph, norm, off.channel, state.running);
  }
}

}  // namespace weightroom::document
