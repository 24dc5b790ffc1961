// to_json(): the JSON form of the commands, as command.h documents it.
#include "document/command.h"
#include "document/params_json.h"
#include "document/value_json.h"
#include "edit/operation.h"
#include "io/json_writer.h"

namespace weightroom::document {
namespace {

using io::JsonWriter;

// Adds a field that is there.
template <class T>
void put(JsonWriter& json, const char* name, const std::optional<T>& value) {
  if (value) json.put(name, *value);
}
// Commands are read back: no digit is left out.
void put(JsonWriter& json, const char* name, const std::optional<double>& value) {
  if (value) json.put(name, JsonWriter::exact(*value));
}
// Names; empty of what the model does not have.
std::string name_of(const nn::Graph& graph, nn::WeightRef ref) {
  return check_weight(graph, ref) ? nn::format_weight_ref(graph, ref) : "";
}
std::string name_of(const nn::Graph& graph, int node) {
  return check_layer(graph, node) ? graph.nodes()[static_cast<std::size_t>(node)].name : "";
}
JsonWriter write(const command::SetWeight& c, const nn::Graph& graph) {
  return {{"command", "set_weight"}, {"weight", name_of(graph, c.weight)}, {"value", c.value}, {"preview", c.preview}};
}
JsonWriter write(const command::TransformWeight& c, const nn::Graph& graph) {
  return {{"command", "transform_weight"}, {"weight", name_of(graph, c.weight)}, {"operation", c.operation}};
}
JsonWriter write(const command::Reset& c, const nn::Graph& graph) {
  using enum command::Reset::Scope;
  if (c.scope == weight) return {{"command", "reset"}, {"scope", "weight"}, {"weight", name_of(graph, c.weight)}};
  if (c.scope == layer) return {{"command", "reset"}, {"scope", "layer"}, {"weight", name_of(graph, c.node)}};
  return {{"command", "reset"}, {"scope", "all"}, {"weight", ""}};
}
JsonWriter write(const command::Change& c) {
  JsonWriter json{{"command", "change"}, {"operation", c.operation}, {"on", c.on}};
  if (!c.from.empty()) json.put("from", c.from);
  json.put("params", params_json(edit::find_operation(c.operation), c.params));
  if (!c.chosen.empty()) json.put("chosen", c.chosen.text());
  json.put("preview", c.preview);
  if (c.again) json.put("again", true);
  return json;
}
JsonWriter write(const command::Switch& c, const nn::Graph& graph) {
  JsonWriter json{{"command", "switch"}, {"layer", name_of(graph, c.node)}, {"on", c.on}};
  if (c.channel >= 0) json.put("channel", c.channel);
  return json;
}
JsonWriter write(const command::TakeWeights& c) {
  return {{"command", "take_weights"}, {"file", c.file}, {"fingerprint", c.fingerprint}};
}
// What a step did: an operation, on what, and with which parameters.
JsonWriter step(const command::SetWeight& c, const nn::Graph& graph) {
  return {{"operation", "set"}, {"on", name_of(graph, c.weight)}, {"params", {{"value", c.value}}}};
}
JsonWriter step(const command::TransformWeight& c, const nn::Graph& graph) {
  return {{"operation", c.operation}, {"on", name_of(graph, c.weight)}, {"params", JsonWriter::object()}};
}
JsonWriter step(const command::Reset& c, const nn::Graph& graph) {
  using enum command::Reset::Scope;
  const std::string on = c.scope == weight  ? name_of(graph, c.weight)
                         : c.scope == layer ? name_of(graph, c.node)
                                            : "all";
  return {{"operation", "reset"}, {"on", on}, {"params", JsonWriter::object()}};
}
JsonWriter step(const command::Change& c, const nn::Graph&) {
  const edit::OperationDef& operation = *edit::find_operation(c.operation);  // a step has been done
  JsonWriter params = params_json(&operation, edit::checked_params(operation, c.params).value());
  if (!c.from.empty()) params.put("from", c.from);
  return {{"operation", c.operation}, {"on", c.on}, {"params", std::move(params)}};
}
JsonWriter step(const command::Switch& c, const nn::Graph& graph) {
  return {{"operation", c.on ? "switch_on" : "switch_off"},
          {"on", name_of(graph, c.node)},
          {"params", {{"channel", JsonWriter::place_or_null(c.channel)}}}};
}
JsonWriter step(const command::TakeWeights& c, const nn::Graph&) {
  return {{"operation", "take_weights"}, {"on", "all"}, {"params", {{"file", c.file}}}};
}
JsonWriter write(const command::Undo&) { return {{"command", "undo"}}; }
JsonWriter write(const command::Redo&) { return {{"command", "redo"}}; }
JsonWriter write(const command::SelectWeight& c, const nn::Graph& graph) {
  return {{"command", "select_weight"}, {"weight", name_of(graph, c.weight)}};
}
JsonWriter write(const command::SelectLayer& c) { return {{"command", "select_layer"}, {"layer", c.layer}}; }
JsonWriter write(const command::SelectChannel& c) {
  return {{"command", "select_channel"}, {"layer", c.layer}, {"channel", c.channel}};
}
JsonWriter write(const command::SetTarget& c) {
  return {{"command", "set_target"}, {"target", JsonWriter::text_or_null(c.target)}};
}
JsonWriter write(const command::SetMethod& c) {
  JsonWriter json{{"command", "set_method"},
                  {"method", c.method},
                  {"params", params_json(explain::find_method(c.method), c.params)}};
  if (!c.layer.empty()) json.put("layer", c.layer);
  return json;
}
JsonWriter write(const command::RememberPicture& c) {
  return {{"command", "remember_picture"}, {"remember", c.remember}};
}
JsonWriter write(const command::SetView& c) {
  JsonWriter json{{"command", "set_view"}};
  put(json, "overlay", c.overlay);
  put(json, "map", c.map);
  put(json, "opacity", c.opacity);
  put(json, "seen", c.seen);
  put(json, "compare", c.compare);
  return json;
}
JsonWriter write(const command::OpenPage& c) { return {{"command", "open_page"}, {"page", c.page}}; }
JsonWriter write(const command::Choose& c) {
  JsonWriter json{{"command", "set_" + c.part}};
  for (const Field& field : c.fields) json.put(field.name, write_value(field.value));
  return json;
}
JsonWriter write(const command::SaveFound& c) { return {{"command", "save_" + c.part}}; }
JsonWriter write(const command::StopMap&) { return {{"command", "stop_map"}}; }
JsonWriter write(const command::StartMap&) { return {{"command", "start_map"}}; }
JsonWriter write(const command::StartStudy&) { return {{"command", "start_study"}}; }
JsonWriter write(const command::StopStudy&) { return {{"command", "stop_study"}}; }
JsonWriter write(const command::SetCrop& c) {
  return {{"command", "set_crop"}, {"x", c.crop.x}, {"y", c.crop.y}, {"size", c.crop.side}};
}
JsonWriter write(const command::SetReading& c) {
  JsonWriter json{{"command", "set_reading"}};
  put(json, "size", c.size);
  put(json, "order", c.order);
  put(json, "scale", c.scale);
  put(json, "mean", c.mean);
  put(json, "std", c.std);
  put(json, "crop", c.crop);
  put(json, "invert", c.invert);
  return json;
}
JsonWriter write(const command::SetLabels& c) { return {{"command", "set_labels"}, {"labels", c.labels}}; }
JsonWriter write(const command::OpenSample& c) { return {{"command", "open_sample"}, {"name", c.name}}; }
JsonWriter write(const command::OpenModel& c) {
  JsonWriter json{{"command", "open_model"}, {"name", c.name}};
  if (!c.set.empty()) json.put("set", c.set);
  return json;
}
JsonWriter write(const command::OpenSet& c) { return {{"command", "open_set"}, {"name", c.name}}; }
JsonWriter write(const command::CloseSet&) { return {{"command", "close_set"}}; }
JsonWriter write(const command::MapClass& c) {
  return {{"command", "map_class"}, {"class", c.set_class}, {"to", JsonWriter::text_or_null(c.to)}};
}
JsonWriter write(const command::SelectCell& c) {
  if (c.truth.empty()) return {{"command", "select_cell"}, {"truth", nullptr}};
  return {{"command", "select_cell"}, {"truth", c.truth}, {"answer", c.answer}};
}
JsonWriter write(const command::OpenMeasured& c) { return {{"command", "open_measured"}, {"picture", c.picture}}; }
JsonWriter write(const command::SaveMap& c) { return {{"command", "save_map"}, {"as", c.as}}; }
JsonWriter write(const command::SaveModel& c) {
  JsonWriter json{{"command", "save_model"}};
  if (!c.as.empty()) json.put("as", c.as);
  return json;
}
JsonWriter write(const command::SaveHistory&) { return {{"command", "save_history"}}; }
JsonWriter write(const command::AddClass& c) {
  JsonWriter json{{"command", "add_class"}};
  if (!c.name.empty()) json.put("name", c.name);
  return json;
}
JsonWriter write(const command::RenameClass& c) {
  return {{"command", "rename_class"}, {"class", c.of_class}, {"name", c.name}};
}
JsonWriter write(const command::RemoveClass& c) { return {{"command", "remove_class"}, {"class", c.of_class}}; }
JsonWriter write(const command::MovePicture& c) {
  return {{"command", "move_picture"}, {"picture", c.picture}, {"class", c.to_class}};
}
JsonWriter write(const command::RemovePicture& c) { return {{"command", "remove_picture"}, {"picture", c.picture}}; }
JsonWriter write(const command::OpenTaught& c) { return {{"command", "open_taught"}, {"picture", c.picture}}; }
JsonWriter write(const command::Learn&) { return {{"command", "learn"}}; }
JsonWriter write(const command::EndTeaching&) { return {{"command", "end_teaching"}}; }
JsonWriter write(const command::DismissError&) { return {{"command", "dismiss_error"}}; }

}  // namespace

JsonWriter write_value(const Value& value) {
  return std::visit(
      []<class T>(const T& held) -> JsonWriter {
        if constexpr (std::is_same_v<T, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<T, double>) {
          return JsonWriter::exact(held);
        } else if constexpr (std::is_same_v<T, Value::List>) {
          JsonWriter list = JsonWriter::array();
          for (const Value& row : held) list.push_back(write_value(row));
          return list;
        } else {
          return held;
        }
      },
      value.held);
}

std::string to_json(const Command& command, const nn::Graph& graph) {
  return std::visit(
      [&](const auto& c) {
        if constexpr (requires { write(c, graph); }) {
          return write(c, graph).text();
        } else {
          return write(c).text();
        }
      },
      command);
}

io::JsonWriter step_json(const EditCommand& command, const nn::Graph& graph) {
  return std::visit([&](const auto& c) { return step(c, graph); }, command);
}

}  // namespace weightroom::document
