#include "train/fixed.h"

#include <algorithm>
#include <cmath>

#include <strings/training.h>

#include "base/check.h"

namespace weightroom::train {

Status check(const nn::Graph& graph, const Fixed& fixed) {
  const auto& tensors = graph.weights();
  std::vector<bool> frozen(tensors.size(), false);
  for (const int tensor : fixed.frozen) {
    if (tensor < 0 || tensor >= static_cast<int>(tensors.size()))
      return fail(text::training_no_tensor, {{"number", tensor}, {"n", tensors.size()}});
    frozen[static_cast<std::size_t>(tensor)] = true;
  }
  const std::size_t count = graph.weight_count();
  if (!fixed.mask.empty() && fixed.mask.size() != count)
    return fail(text::training_mask_size, {{"entries", fixed.mask.size()}, {"n", count}});
  const auto strange = std::ranges::find_if(fixed.mask, [](std::uint8_t entry) { return entry > 1; });
  if (strange != fixed.mask.end()) return fail(text::training_mask_entry, {{"value", *strange}});
  std::size_t left = 0;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const std::size_t size = tensors[t].shape.size();
    std::size_t kept = size;
    if (!fixed.mask.empty())
      kept = static_cast<std::size_t>(std::ranges::count(std::span(fixed.mask).subspan(tensors[t].offset, size), 1));
    if (!tensors[t].trainable && kept < size) return fail(text::training_mask_measured, {{"tensor", tensors[t].name}});
    if (tensors[t].trainable && !frozen[t]) left += kept;
  }
  if (left == 0) return fail(text::training_nothing_left);
  return {};
}

Status check(const nn::Graph& graph, const Start& start) {
  if (!start.weights.empty() && start.weights.size() != graph.weight_count())
    return fail(text::training_start_size, {{"given", start.weights.size()}, {"n", graph.weight_count()}});
  for (const nn::GraphWeight& tensor : graph.weights()) {
    if (start.weights.empty()) break;
    const auto values = std::span(start.weights).subspan(tensor.offset, tensor.shape.size());
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
      return fail(text::training_start_not_finite, {{"tensor", tensor.name}});
  }
  return check(graph, start.fixed);
}

Result<std::vector<int>> find_tensors(const nn::Graph& graph, std::span<const std::string> names) {
  std::vector<bool> found(graph.weights().size(), false);
  for (const std::string& name : names) {
    if (const int tensor = graph.find_weight(name); tensor >= 0) {
      found[static_cast<std::size_t>(tensor)] = true;
      continue;
    }
    const int node = graph.find_node(name);
    if (node < 0) return fail(text::training_no_layer, {{"name", name.substr(0, 60)}});
    const auto& own = graph.nodes()[static_cast<std::size_t>(node)].weights;
    if (own.empty()) return fail(text::training_no_weights, {{"layer", name}});
    for (const int tensor : own) found[static_cast<std::size_t>(tensor)] = true;
  }
  std::vector<int> tensors;
  for (std::size_t t = 0; t < found.size(); ++t) {
    if (found[t]) tensors.push_back(static_cast<int>(t));
  }
  return tensors;
}

void prune(std::span<const std::uint8_t> mask, std::span<float> values) {
  if (mask.empty() || values.empty()) return;
  CHECK(mask.size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (mask[i] == 0) values[i] = 0.0F;
  }
}

}  // namespace weightroom::train
