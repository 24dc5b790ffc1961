#include "train/fine_labels.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::train {
namespace {

std::string fine_name(const std::string& picture) {
  const std::size_t file = picture.rfind('/') + 1;  // npos + 1 is 0
  const std::size_t end = picture.find('_', file);
  return end == std::string::npos ? std::string() : picture.substr(file, end - file);
}

}  // namespace

FineLabels fine_labels(const nn::LabelledImages& images) {
  FineLabels fine;
  std::vector<std::string> own;
  own.reserve(images.count());
  for (std::size_t i = 0; i < images.count(); ++i) {
    // The class too, by its number: an IDX set has no folders.
    own.push_back(std::to_string(images.labels[i]) + "/" + (i < images.names.size() ? fine_name(images.names[i]) : ""));
  }
  fine.names = own;
  std::ranges::sort(fine.names);
  const auto repeated = std::ranges::unique(fine.names);
  fine.names.erase(repeated.begin(), repeated.end());
  for (const std::string& name : own)
    fine.labels.push_back(static_cast<int>(std::ranges::lower_bound(fine.names, name) - fine.names.begin()));
  return fine;
}

nn::Folded first_outputs(const nn::Graph& graph, std::span<const float> weights, int classes) {
  const nn::Node& last = graph.nodes().back();
  CHECK(nn::is_weighted_sum(last.op) && classes <= graph.class_count() && weights.size() == graph.weight_count());
  nn::GraphSpec spec = graph.spec();
  spec.nodes.back().attributes.set("out_features", static_cast<long long>(classes));
  auto built = nn::Graph::build(spec);
  CHECK(built.has_value());
  nn::Folded kept{std::move(*built), {}};
  kept.weights.reserve(kept.graph->weight_count());
  // Tensors of the last layer are rows of outputs, and a kept one is the front of what it was.
  for (std::size_t t = 0; t < graph.weights().size(); ++t) {
    const auto from = weights.subspan(graph.weights()[t].offset, kept.graph->weights()[t].shape.size());
    kept.weights.insert(kept.weights.end(), from.begin(), from.end());
  }
  return kept;
}

}  // namespace weightroom::train
