#include "nn/session_plan.h"

namespace weightroom::nn {

std::size_t Session::Plan::place_activations(const Graph& graph) {
  const auto& all = graph.nodes();
  struct Home {
    std::size_t node = 0;  // 0: its own place
    std::size_t offset = 0;
  };
  std::vector<Home> homes(all.size());
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto strings = all[i].op->strings_inputs;
    if (strings == nullptr || !strings(all[i].attributes, nodes[i].inputs)) continue;
    std::size_t offset = 0;
    for (int source : all[i].inputs) {
      Home& home = homes[static_cast<std::size_t>(source)];
      // The first node in need of it has it; the graph's input keeps its place.
      if (source > 0 && home.node == 0) home = {i, offset};
      offset += nodes[static_cast<std::size_t>(source)].output.size() * sizeof(float);
    }
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (homes[i].node != 0) continue;
    nodes[i].activation = bytes;
    bytes += align_up(nodes[i].output.size() * sizeof(float));
  }
  for (std::size_t i = all.size(); i-- > 0;) {
    if (homes[i].node != 0) nodes[i].activation = nodes[homes[i].node].activation + homes[i].offset;
  }
  return bytes;
}

}  // namespace weightroom::nn
