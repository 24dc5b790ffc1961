#include "io/graph_json.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <strings/graph.h>
#include <strings/json.h>

#include "io/json.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// "Node 3 of the graph, 'conv1'," for a sentence; the name only where there is one to tell.
std::string call(std::size_t index, const Json& node) {
  if (!node.is_object() || !node.contains("name") || !node["name"].is_string())
    return tr(text::graph_node_numbered, {{"number", index + 1}});
  return tr(text::graph_node_named,
            {{"number", index + 1}, {"name", in_quotes(node["name"].get_ref<const std::string&>())}});
}

bool is_whole(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<long long>::max()));
}

Result<nn::AttributeValue> read_attribute(const Json& value, const std::string& who, std::string_view name) {
  if (value.is_string()) return nn::AttributeValue(value.get<std::string>());
  if (is_whole(value)) return nn::AttributeValue(value.get<long long>());
  // Whole numbers past 2^63 are how the canonical form writes large reals.
  if (value.is_number()) return nn::AttributeValue(value.get<double>());
  if (!value.is_array()) return fail(text::graph_attribute_kind, {{"node", who}, {"attribute", in_quotes(name)}});
  std::vector<long long> list;
  for (const Json& element : value) {
    if (!is_whole(element)) return fail(text::graph_attribute_list, {{"node", who}, {"attribute", in_quotes(name)}});
    list.push_back(element.get<long long>());
  }
  return nn::AttributeValue(std::move(list));
}

Result<nn::NodeSpec> read_node(const Json& json, std::size_t index) {
  const std::string who = call(index, json);
  if (!json.is_object()) return fail(text::graph_node_no_object, {{"node", who}});
  for (const auto& [key, unused] : json.items()) {
    if (key != "attributes" && key != "inputs" && key != "name" && key != "op") {
      return fail(text::graph_node_field, {{"node", who}, {"field", in_quotes(key)}});
    }
  }
  nn::NodeSpec node;
  for (const auto& [key, target] : {std::pair{"name", &node.name}, std::pair{"op", &node.op}}) {
    if (!json.contains(key)) return fail(text::graph_node_lacks, {{"node", who}, {"field", key}});
    if (!json[key].is_string()) return fail(text::graph_node_no_word, {{"node", who}, {"field", key}});
    *target = json[key].get<std::string>();
  }
  if (!json.contains("inputs") || !json["inputs"].is_array()) return fail(text::graph_node_no_inputs, {{"node", who}});
  for (const Json& input : json["inputs"]) {
    if (!input.is_string()) return fail(text::graph_node_input, {{"node", who}});
    node.inputs.push_back(input.get<std::string>());
  }
  if (!json.contains("attributes")) return node;
  if (!json["attributes"].is_object()) return fail(text::graph_node_attributes, {{"node", who}});
  for (const auto& [key, value] : json["attributes"].items()) {
    auto attribute = read_attribute(value, who, key);
    if (!attribute) return std::unexpected(attribute.error());
    node.attributes.set(key, std::move(*attribute));
  }
  return node;
}

Result<nn::Shape> read_input(const Json& json) {
  const auto wrong = [] { return fail(text::graph_input_list); };
  if (!json.contains("input") || !json["input"].is_array() || json["input"].size() != 3) return wrong();
  nn::Shape shape;
  for (const Json& extent : json["input"]) {
    if (!is_whole(extent)) return wrong();
    const auto value = extent.get<long long>();
    if (value < 1 || value > std::numeric_limits<int>::max()) return wrong();
    shape.push_back(static_cast<int>(value));
  }
  return shape;
}

}  // namespace

struct GraphReading::Parsed {
  Json json;
};

GraphReading::GraphReading(std::string_view json) : text_(json), parsed_(std::make_unique<Parsed>()) {}
GraphReading::~GraphReading() = default;

bool GraphReading::step() {
  const bool first = !std::exchange(begun_, true);
  refusal_ = first ? begin() : read_nodes();
  return !refusal_ || (!first && spec_.nodes.size() == parsed_->json["nodes"].size());
}

Status GraphReading::begin() {
  auto json = parse_json_object(text_, text::json_graph, 8);
  if (!json) return std::unexpected(json.error());
  const Json& root = parsed_->json = std::move(*json);
  for (const auto& [key, unused] : root.items()) {
    if (key != "input" && key != "nodes") return fail(text::graph_field, {{"field", in_quotes(key)}});
  }
  const auto input = read_input(root);
  if (!input) return std::unexpected(input.error());
  spec_.input = *input;
  if (!root.contains("nodes") || !root["nodes"].is_array()) return fail(text::graph_no_list);
  return {};
}

Status GraphReading::read_nodes() {
  constexpr std::size_t kAtOnce = 500;
  const Json& rows = parsed_->json["nodes"];
  for (const std::size_t last = std::min(rows.size(), spec_.nodes.size() + kAtOnce); spec_.nodes.size() < last;) {
    auto node = read_node(rows[spec_.nodes.size()], spec_.nodes.size());
    if (!node) return std::unexpected(node.error());
    spec_.nodes.push_back(std::move(*node));
  }
  return {};
}

Result<nn::GraphSpec> GraphReading::take() {
  if (!refusal_) return std::unexpected(refusal_.error());
  return std::move(spec_);
}

Result<nn::GraphSpec> parse_graph_spec(std::string_view text) {
  GraphReading reading(text);
  while (!reading.step()) continue;
  return reading.take();
}

}  // namespace weightroom::io
