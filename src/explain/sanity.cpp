#include "explain/sanity.h"

#include <algorithm>
#include <cmath>

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

base::Task shuffle_layers(const MethodDef& method, const MethodInput& input, Shuffle shuffle, std::uint64_t seed,
                          std::vector<SanityRow>& rows, double& progress) {
  const nn::Graph& graph = input.graph();
  const int height = graph.spec().input[1];
  const int width = graph.spec().input[2];
  const std::vector<float> random = nn::initial_weights(graph, seed);
  const std::vector<int> layers = layers_with_weights(graph);
  nn::Session& session = input.session;
  const std::vector<float> weights = session.copy_weights();
  std::vector<float> before;
  for (std::size_t k = 0; k <= layers.size(); ++k) {
    if (k > 0) {
      if (shuffle == Shuffle::independent) session.set_weights(weights);
      for (int id : graph.nodes()[static_cast<std::size_t>(layers[k - 1])].weights) {
        const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(id)];
        if (!tensor.trainable) continue;
        session.set_weights(std::span(random).subspan(tensor.offset, tensor.shape.size()), tensor.offset);
      }
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
  session.set_weights(weights);
}

}  // namespace weightroom::explain
