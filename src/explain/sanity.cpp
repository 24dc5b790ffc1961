#include "explain/sanity.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "explain/display.h"
#include "explain/pass.h"
#include "explain/scores.h"

namespace weightroom::explain {
namespace {

std::vector<float> sizes(const std::vector<float>& values) {
  std::vector<float> out(values.size());
  std::ranges::transform(values, out.begin(), [](float v) { return std::fabs(v); });
  return out;
}

SanityRow compare(int node, const std::vector<float>& before, std::vector<float> after, int height, int width) {
  SanityRow row{.node = node, .map = std::move(after)};
  row.rank = spearman(before, row.map);
  row.rank_of_sizes = spearman(sizes(before), sizes(row.map));
  row.structure = structural_similarity(sizes(before), sizes(row.map), height, width);
  return row;
}

}  // namespace

std::vector<int> layers_with_weights(const nn::Graph& graph) {
  const std::vector<bool> leads = leads_to_logits(graph);
  std::vector<int> layers;
  for (std::size_t i = graph.nodes().size(); i-- > 1;) {
    if (leads[i] && !graph.nodes()[i].weights.empty()) layers.push_back(static_cast<int>(i));
  }
  return layers;
}

void forget_layer(nn::Session& session, int node, std::uint64_t seed) {
  const nn::Graph& graph = session.graph();
  for (const int id : graph.nodes()[static_cast<std::size_t>(node)].weights) {
    const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(id)];
    if (tensor.trainable) session.set_weights(nn::initial_tensor(graph, id, seed), tensor.offset);
  }
}

base::Task shuffle_layers(const MethodDef& method, const MethodInput& input, Shuffle shuffle, std::uint64_t seed,
                          std::vector<SanityRow>& rows, double& progress) {
  const nn::Graph& graph = input.graph();
  const int height = graph.spec().input[1];
  const int width = graph.spec().input[2];
  const std::vector<int> layers = layers_with_weights(graph);
  nn::Session& session = input.session;
  // Of the tensors that have others now: a large net's weights are not copied before they are needed.
  std::map<int, std::vector<float>> trained;
  const auto restore = [&] {
    for (const auto& [id, values] : trained)
      session.set_weights(values, graph.weights()[static_cast<std::size_t>(id)].offset);
    trained.clear();
  };
  std::vector<float> before;
  for (std::size_t k = 0; k <= layers.size(); ++k) {
    if (k > 0) {
      if (shuffle == Shuffle::independent) restore();
      for (int id : graph.nodes()[static_cast<std::size_t>(layers[k - 1])].weights) {
        const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(id)];
        if (!tensor.trainable) continue;
        const auto values = session.weight(id);
        trained[id].assign(values.begin(), values.end());
      }
      forget_layer(session, layers[k - 1], seed);
    }
    MapJob job(method, input);
    const double share = 1.0 / static_cast<double>(layers.size() + 1);
    while (!job.step(base::Budget::milliseconds(0.0))) {
      progress = (static_cast<double>(k) + job.progress()) * share;
      co_await base::Pause{};
    }
    std::vector<float> map = display_map(job.result().attribution, height, width).values;
    if (k == 0) {
      before = std::move(map);
    } else {
      rows.push_back(compare(layers[k - 1], before, std::move(map), height, width));
    }
    progress = static_cast<double>(k + 1) * share;
  }
  restore();
}

}  // namespace weightroom::explain
