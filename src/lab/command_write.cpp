// to_json(): the JSON form of the commands, as command.h documents it.
#include <nlohmann/json.hpp>

#include "edit/operation.h"
#include "lab/command.h"
#include "lab/params_json.h"

namespace weightroom::lab {
namespace {

using Json = nlohmann::json;

// Adds a field that is there.
template <class T>
void put(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}
Json write(const command::SetWeight& c) {
  return {{"command", "set_weight"}, {"weight", c.weight}, {"value", c.value}, {"preview", c.preview}};
}
Json write(const command::TransformWeight& c) {
  return {{"command", "transform_weight"}, {"weight", c.weight}, {"operation", c.operation}};
}
Json write(const command::Reset& c) { return {{"command", "reset"}, {"scope", c.scope}, {"weight", c.what}}; }
Json write(const command::Change& c) {
  Json json{{"command", "change"}, {"operation", c.operation}, {"on", c.on}};
  if (!c.from.empty()) json["from"] = c.from;
  json["params"] = params_json(edit::find_operation(c.operation), c.params);
  if (!c.chosen.empty()) json["chosen"] = c.chosen;
  json["preview"] = c.preview;
  if (c.again) json["again"] = true;
  return json;
}
Json write(const command::Switch& c) {
  Json json{{"command", "switch"}, {"layer", c.layer}, {"on", c.on}};
  if (c.channel >= 0) json["channel"] = c.channel;
  return json;
}
Json write(const command::Undo&) { return {{"command", "undo"}}; }
Json write(const command::Redo&) { return {{"command", "redo"}}; }
Json write(const command::SelectWeight& c) { return {{"command", "select_weight"}, {"weight", c.weight}}; }
Json write(const command::SelectLayer& c) { return {{"command", "select_layer"}, {"layer", c.layer}}; }
Json write(const command::SelectChannel& c) {
  return {{"command", "select_channel"}, {"layer", c.layer}, {"channel", c.channel}};
}
Json write(const command::SetTarget& c) {
  return {{"command", "set_target"}, {"target", c.target.empty() ? Json(nullptr) : Json(c.target)}};
}
Json write(const command::SetMethod& c) {
  Json json{{"command", "set_method"},
            {"method", c.method},
            {"params", params_json(explain::find_method(c.method), c.params)}};
  if (!c.layer.empty()) json["layer"] = c.layer;
  return json;
}
Json write(const command::RememberPicture& c) { return {{"command", "remember_picture"}, {"remember", c.remember}}; }
Json write(const command::SetView& c) {
  Json json{{"command", "set_view"}};
  put(json, "overlay", c.overlay);
  put(json, "map", c.map);
  put(json, "opacity", c.opacity);
  put(json, "seen", c.seen);
  put(json, "compare", c.compare);
  return json;
}
Json write(const command::OpenPage& c) { return {{"command", "open_page"}, {"page", c.page}}; }
Json write(const command::SetCompare& c) {
  Json json{{"command", "set_compare"}};
  put(json, "across", c.across);
  put(json, "methods", c.methods);
  if (c.classes) json["classes"] = c.classes->empty() ? Json(nullptr) : Json(*c.classes);
  put(json, "one_scale", c.one_scale);
  return json;
}
Json write(const command::SetTrust& c) {
  Json json{{"command", "set_trust"}};
  put(json, "question", c.question);
  put(json, "methods", c.methods);
  put(json, "shuffle", c.shuffle);
  put(json, "removal", c.removal);
  put(json, "seed", c.seed);
  return json;
}
Json write(const command::SetRanking& c) {
  Json json{{"command", "set_ranking"}};
  put(json, "show", c.show);
  put(json, "by", c.by);
  put(json, "grain", c.grain);
  put(json, "of", c.of);
  put(json, "biases", c.biases);
  put(json, "over", c.over);
  return json;
}
// Empty is written as null.
void put_name(Json& json, const char* name, const std::optional<std::string>& value) {
  if (value) json[name] = value->empty() ? Json(nullptr) : Json(*value);
}
void put_place(Json& json, const char* name, std::optional<int> value) {
  if (value) json[name] = *value < 0 ? Json(nullptr) : Json(*value);
}
Json write(const command::SetUnits& c) {
  Json json{{"command", "set_units"}};
  put(json, "show", c.show);
  put_name(json, "layer", c.layer);
  put(json, "channel", c.channel);
  put_place(json, "y", c.y);
  put_place(json, "x", c.x);
  put(json, "images", c.images);
  put(json, "steps", c.steps);
  put(json, "seed", c.seed);
  put(json, "norm", c.norm);
  put(json, "search", c.search);
  put_name(json, "toward", c.toward);
  return json;
}
Json write(const command::StopMap&) { return {{"command", "stop_map"}}; }
Json write(const command::StartMap&) { return {{"command", "start_map"}}; }
Json write(const command::StartStudy&) { return {{"command", "start_study"}}; }
Json write(const command::StopStudy&) { return {{"command", "stop_study"}}; }
Json write(const command::SetCrop& c) {
  return {{"command", "set_crop"}, {"x", c.crop.x}, {"y", c.crop.y}, {"size", c.crop.side}};
}
Json write(const command::SetReading& c) {
  Json json{{"command", "set_reading"}};
  put(json, "size", c.size);
  put(json, "order", c.order);
  put(json, "scale", c.scale);
  put(json, "mean", c.mean);
  put(json, "std", c.std);
  put(json, "invert", c.invert);
  return json;
}
Json write(const command::SetLabels& c) { return {{"command", "set_labels"}, {"labels", c.labels}}; }
Json write(const command::OpenSample& c) { return {{"command", "open_sample"}, {"name", c.name}}; }
Json write(const command::OpenModel& c) { return {{"command", "open_model"}, {"name", c.name}}; }
Json write(const command::OpenSet& c) { return {{"command", "open_set"}, {"name", c.name}}; }
Json write(const command::CloseSet&) { return {{"command", "close_set"}}; }
Json write(const command::MapClass& c) {
  return {{"command", "map_class"}, {"class", c.set_class}, {"to", c.to.empty() ? Json(nullptr) : Json(c.to)}};
}
Json write(const command::SelectCell& c) {
  if (c.truth.empty()) return {{"command", "select_cell"}, {"truth", nullptr}};
  return {{"command", "select_cell"}, {"truth", c.truth}, {"answer", c.answer}};
}
Json write(const command::OpenMeasured& c) { return {{"command", "open_measured"}, {"picture", c.picture}}; }
Json write(const command::SaveMap& c) { return {{"command", "save_map"}, {"as", c.as}}; }
Json write(const command::SaveModel&) { return {{"command", "save_model"}}; }
Json write(const command::SaveHistory&) { return {{"command", "save_history"}}; }
Json write(const command::DismissError&) { return {{"command", "dismiss_error"}}; }

}  // namespace

std::string to_json(const Command& command) {
  return std::visit([](const auto& c) { return write(c).dump(-1, ' ', false, Json::error_handler_t::replace); },
                    command);
}

}  // namespace weightroom::lab
