#include "document/edit_command.h"

#include <strings/document.h>

namespace weightroom::document {

Status check_weight(const nn::Graph& graph, nn::WeightRef ref) {
  const auto& all = graph.weights();
  const bool has = ref.tensor >= 0 && static_cast<std::size_t>(ref.tensor) < all.size() &&
                   ref.element < all[static_cast<std::size_t>(ref.tensor)].shape.size();
  if (!has) return fail(text::document_no_weight);
  return {};
}

Status check_layer(const nn::Graph& graph, int node) {
  if (node < 0 || static_cast<std::size_t>(node) >= graph.nodes().size()) return fail(text::document_no_such_layer);
  return {};
}

Result<int> find_layer(const nn::Graph& graph, const std::string& name) {
  const int node = graph.find_node(name);
  if (node < 0) return fail(text::document_no_layer, {{"name", name.substr(0, 60)}});
  return node;
}

bool same_subject(const EditCommand& a, const EditCommand& b) {
  if (const auto *set = std::get_if<command::SetWeight>(&a), *other = std::get_if<command::SetWeight>(&b);
      set != nullptr && other != nullptr)
    return set->weight == other->weight;
  const auto* change = std::get_if<command::Change>(&a);
  const auto* other = std::get_if<command::Change>(&b);
  return change != nullptr && other != nullptr && change->operation == other->operation && change->on == other->on &&
         change->from == other->from;
}

}  // namespace weightroom::document
