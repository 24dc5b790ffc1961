#include "document/apply_edit.h"

#include <algorithm>
#include <cmath>

#include <strings/edits.h>
#include <strings/operation.h>

#include "base/sort.h"
#include "edit/operation.h"

namespace weightroom::document {
namespace {

Result<std::optional<Sentence>> set_value(Document& document, nn::WeightRef ref, float value, bool preview) {
  if (!std::isfinite(value)) return fail(text::edits_not_finite);
  document.selection.weight = ref;
  document.selection.layer = document.graph().weights()[static_cast<std::size_t>(ref.tensor)].node;
  const float before = document.weight(ref);
  const auto flat = nn::flat_index(document.graph(), ref);
  document.edit.weights.set_range(flat, {&value, 1});
  if (preview) return std::nullopt;
  return Sentence(text::edits_value, {{"weight", nn::format_weight_ref(document.graph(), ref)},
                                      {"before", number_text(before)},
                                      {"after", number_text(value)}});
}

// The loaded values of one tensor's weights.
void restore(Document& document, const nn::GraphWeight& tensor) {
  std::vector<float> scratch;
  document.edit.weights.set_range(tensor.offset, document.loaded.values(tensor.offset, tensor.shape.size(), scratch));
}

// What an operation reads and writes.
class Pages final : public edit::Weights {
 public:
  Pages(const nn::Graph& graph, PagedWeights& pages) : graph_(graph), pages_(pages) {}
  std::span<const float> read(int tensor) override {
    const nn::GraphWeight& row = graph_.weights()[static_cast<std::size_t>(tensor)];
    return pages_.values(row.offset, row.shape.size(), scratch_);
  }
  void write(int tensor, std::span<const float> values) override {
    pages_.set_range(graph_.weights()[static_cast<std::size_t>(tensor)].offset, values);
  }

 private:
  const nn::Graph& graph_;
  PagedWeights& pages_;
  std::vector<float> scratch_;
};

std::string quoted(const std::string& text) { return "'" + text.substr(0, 60) + "'"; }

// A change, read.
struct Parts {
  const edit::OperationDef* operation = nullptr;
  base::Params params;
  edit::Region region;
  std::optional<edit::Region> source;
};
Result<Parts> parts_of(const nn::Graph& graph, const command::Change& command) {
  Parts parts;
  parts.operation = edit::find_operation(command.operation);
  if (parts.operation == nullptr) return fail(text::edits_no_operation, {{"name", quoted(command.operation)}});
  auto params = edit::checked_params(*parts.operation, command.params);
  if (!params) return std::unexpected(params.error());
  parts.params = std::move(*params);
  auto region = edit::parse_region(graph, command.on);
  if (!region) return std::unexpected(region.error());
  parts.region = std::move(*region);
  if (!parts.operation->takes_source) return parts;
  if (command.from.empty()) return fail(text::operation_needs_source, {{"operation", parts.operation->title}});
  auto source = edit::parse_region(graph, command.from);
  if (!source) return std::unexpected(source.error());
  parts.source = std::move(*source);
  return parts;
}

}  // namespace

Result<std::optional<Sentence>> edit(Document& document, const command::SetWeight& command) {
  if (auto known = check_weight(document.graph(), command.weight); !known) return std::unexpected(known.error());
  return set_value(document, command.weight, command.value, command.preview);
}

Result<std::optional<Sentence>> edit(Document& document, const command::TransformWeight& command) {
  const nn::WeightRef ref = command.weight;
  if (auto known = check_weight(document.graph(), ref); !known) return std::unexpected(known.error());
  const float value = document.weight(ref);
  if (command.operation == "zero") return set_value(document, ref, 0.0F, false);
  if (command.operation == "negate") return set_value(document, ref, -value, false);
  if (command.operation == "double") return set_value(document, ref, 2.0F * value, false);
  return fail(text::edits_no_transform, {{"name", quoted(command.operation)}});
}

Result<std::optional<Sentence>> edit(Document& document, const command::Reset& command) {
  const nn::Graph& graph = document.graph();
  if (command.scope == command::Reset::Scope::all) {
    const auto changed = difference(graph, document.edit.weights, document.loaded, 0);
    document.edit.weights = document.loaded;
    document.edit.off.clear();
    return Sentence(text::edits_all_reset, {{"n", changed.count}});
  }
  if (command.scope == command::Reset::Scope::layer) {
    if (auto known = check_layer(graph, command.node); !known) return std::unexpected(known.error());
    const nn::Node& layer = graph.nodes()[static_cast<std::size_t>(command.node)];
    for (const int tensor : layer.weights) restore(document, graph.weights()[static_cast<std::size_t>(tensor)]);
    std::erase_if(document.edit.off, [&](const Off& off) { return off.node == command.node; });
    return Sentence(text::edits_reset_layer, {{"layer", layer.name}});
  }
  if (auto known = check_weight(graph, command.weight); !known) return std::unexpected(known.error());
  const float loaded = document.loaded_weight(command.weight);
  document.edit.weights.set_range(nn::flat_index(graph, command.weight), {&loaded, 1});
  return Sentence(text::edits_reset_weight,
                  {{"weight", nn::format_weight_ref(graph, command.weight)}, {"value", number_text(loaded)}});
}

edit::Asks asks_pictures(const command::Change& change) {
  const edit::OperationDef* operation = edit::find_operation(change.operation);
  if (operation == nullptr || operation->asks_pictures == nullptr) return edit::Asks::nothing;
  const auto params = edit::checked_params(*operation, change.params);
  return params ? operation->asks_pictures(*params) : edit::Asks::nothing;
}

Result<edit::Chosen> chosen_weights(const Document& document, const command::Change& change,
                                    const edit::Importance& importance) {
  const auto parts = parts_of(document.graph(), change);
  if (!parts) return std::unexpected(parts.error());
  PagedWeights now = document.edit.weights;
  Pages weights(document.graph(), now);
  const edit::Request request{
      .graph = document.graph(), .region = parts->region, .params = parts->params, .importance = importance};
  if (auto allowed = parts->operation->check(request); !allowed) return std::unexpected(allowed.error());
  if (importance.gradient.empty() && importance.curvature.empty()) return edit::Chosen();
  return edit::Chosen(parts->operation->choose(request, weights),
                      edit::count_of(edit::runs_of(document.graph(), parts->region)));
}

void pack_choice(const Document& document, command::Change& change) {
  const auto parts = parts_of(document.graph(), change);
  if (!parts || parts->operation->choose == nullptr) change.chosen = {};
  if (change.chosen.empty()) return;
  PagedWeights now = document.edit.weights;
  Pages weights(document.graph(), now);
  change.chosen = change.chosen.packed({document.graph(), parts->region, weights});
}

Result<std::optional<Sentence>> edit(Document& document, const command::Change& command) {
  const nn::Graph& graph = document.graph();
  const auto parts = parts_of(graph, command);
  if (!parts) return std::unexpected(parts.error());
  Pages loaded(graph, document.loaded);
  Pages weights(graph, document.edit.weights);
  std::vector<std::uint8_t> chosen;
  if (parts->operation->choose != nullptr && !command.chosen.empty()) {
    auto bits = command.chosen.bits_of({graph, parts->region, weights});
    if (!bits) return std::unexpected(bits.error());
    chosen = std::move(*bits);
  }
  const edit::Request request{.graph = graph,
                              .region = parts->region,
                              .params = parts->params,
                              .source = parts->source ? &*parts->source : nullptr,
                              .loaded = &loaded,
                              .chosen = chosen};
  auto words = edit::run_operation(*parts->operation, request, weights);
  if (!words) return std::unexpected(words.error());
  return command.preview ? std::nullopt : std::optional(std::move(*words));
}

Result<std::optional<Sentence>> edit(Document& document, const command::Switch& command) {
  const nn::Graph& graph = document.graph();
  if (auto known = check_layer(graph, command.node); !known) return std::unexpected(known.error());
  const std::string& name = graph.nodes()[static_cast<std::size_t>(command.node)].name;
  std::vector<Off> wanted;
  Sentence words;
  if (has_channels(graph, command.node)) {
    const int channels = graph.nodes()[static_cast<std::size_t>(command.node)].output.c();
    if (command.channel >= channels) {
      return fail(text::edits_no_channel,
                  {{"layer", quoted(name)}, {"last", channels - 1}, {"channel", command.channel}});
    }
    const int first = std::max(command.channel, 0);
    const int last = command.channel < 0 ? channels : command.channel + 1;
    for (int c = first; c < last; ++c) wanted.push_back({command.node, c});
    words = command.channel < 0
                ? Sentence(command.on ? text::edits_channels_on : text::edits_channels_off, {{"layer", name}})
                : Sentence(command.on ? text::edits_channel_on : text::edits_channel_off,
                           {{"layer", name}, {"channel", command.channel}});
  } else if (is_activation(graph, command.node) && command.channel < 0) {
    wanted.push_back({command.node, -1});
    words = {command.on ? text::edits_layer_on : text::edits_layer_off, {{"layer", name}}};
  } else {
    return fail(text::edits_no_switch, {{"layer", quoted(name)}});
  }
  auto& off = document.edit.off;
  for (const Off& one : wanted) {
    std::erase(off, one);
    if (!command.on) off.push_back(one);
  }
  base::sort(off);
  return words;
}

Result<std::optional<Sentence>> edit(Document& document, const command::TakeWeights& command) {
  const PagedWeights* found = &command.weights;
  for (const auto& step : document.edit.steps) {
    const auto* taken = std::get_if<command::TakeWeights>(&step->command);
    if (found->size() == 0 && taken != nullptr && taken->fingerprint == command.fingerprint) found = &taken->weights;
  }
  if (found->size() != document.loaded.size()) return fail(text::edits_not_taken, {{"file", quoted(command.file)}});
  document.edit.weights = *found;
  return Sentence(text::edits_taken, {{"file", command.file.substr(0, 60)}});
}

}  // namespace weightroom::document
