#include "io/graph_json.h"

#include <limits>

#include "io/json.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// "Node 3, 'conv1'" for a sentence; the name only where there is one to tell.
std::string call(std::size_t index, const Json& node) {
  std::string text = "Node " + std::to_string(index + 1) + " of the graph";
  if (node.is_object() && node.contains("name") && node["name"].is_string()) {
    text += ", " + in_quotes(node["name"].get_ref<const std::string&>()) + ",";
  }
  return text;
}

bool is_whole(const Json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<long long>::max()));
}

Result<nn::AttributeValue> read_attribute(const Json& value, const std::string& place) {
  if (value.is_string()) return nn::AttributeValue(value.get<std::string>());
  if (is_whole(value)) return nn::AttributeValue(value.get<long long>());
  // Whole numbers past 2^63 are how the canonical form writes large reals.
  if (value.is_number()) return nn::AttributeValue(value.get<double>());
  if (!value.is_array()) return fail(place + " is neither a number, a list of whole numbers nor a word.");
  std::vector<long long> list;
  for (const Json& element : value) {
    if (!is_whole(element)) return fail(place + " is a list with something else than whole numbers.");
    list.push_back(element.get<long long>());
  }
  return nn::AttributeValue(std::move(list));
}

Result<nn::NodeSpec> read_node(const Json& json, std::size_t index) {
  const std::string who = call(index, json);
  if (!json.is_object()) return fail(who + " is not an object.");
  for (const auto& [key, unused] : json.items()) {
    if (key != "attributes" && key != "inputs" && key != "name" && key != "op") {
      return fail(who + " has the unknown field " + in_quotes(key) + ".");
    }
  }
  nn::NodeSpec node;
  for (const auto& [key, target] : {std::pair{"name", &node.name}, std::pair{"op", &node.op}}) {
    if (!json.contains(key)) return fail(who + " has no " + key + ".");
    if (!json[key].is_string()) return fail(who + " has a field '" + key + "' that is not a word.");
    *target = json[key].get<std::string>();
  }
  if (!json.contains("inputs") || !json["inputs"].is_array()) return fail(who + " has no list of inputs.");
  for (const Json& input : json["inputs"]) {
    if (!input.is_string()) return fail(who + " has an input that is not a name.");
    node.inputs.push_back(input.get<std::string>());
  }
  if (!json.contains("attributes")) return node;
  if (!json["attributes"].is_object()) return fail(who + " has attributes that are not an object.");
  for (const auto& [key, value] : json["attributes"].items()) {
    auto attribute = read_attribute(value, who + " has an attribute " + in_quotes(key) + " that");
    if (!attribute) return std::unexpected(attribute.error());
    node.attributes.set(key, std::move(*attribute));
  }
  return node;
}

Result<nn::Shape> read_input(const Json& json) {
  const auto wrong = [] {
    return fail("The graph's input is not a list of three whole numbers, channels, height, width.");
  };
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

Result<nn::GraphSpec> parse_graph_spec(std::string_view text) {
  const auto json = parse_json(text, "The graph", 8);
  if (!json) return std::unexpected(json.error());
  if (!json->is_object()) return fail("The graph is not a JSON object.");
  for (const auto& [key, unused] : json->items()) {
    if (key != "input" && key != "nodes") return fail("The graph has the unknown field " + in_quotes(key) + ".");
  }
  nn::GraphSpec spec;
  const auto input = read_input(*json);
  if (!input) return std::unexpected(input.error());
  spec.input = *input;
  if (!json->contains("nodes") || !(*json)["nodes"].is_array()) return fail("The graph has no list of nodes.");
  for (const Json& row : (*json)["nodes"]) {
    auto node = read_node(row, spec.nodes.size());
    if (!node) return std::unexpected(node.error());
    spec.nodes.push_back(std::move(*node));
  }
  return spec;
}

}  // namespace weightroom::io
