// parse_command(): a command from its JSON form, as command.h documents it.
#include <algorithm>
#include <cstdint>

#include <nlohmann/json.hpp>
#include <strings/command.h>
#include <strings/json.h>

#include "document/command.h"
#include "edit/operation.h"
#include "io/json.h"

namespace weightroom::document {
namespace {

using Json = nlohmann::json;

// Reads fields of one command, remembering the first complaint.
class Fields {
 public:
  // Without a graph names stay unknown.
  Fields(const Json& object, const nn::Graph* graph) : object_(object), graph_(graph) {}

  std::string text(const char* name, bool required = true) {
    const Json* field = find(name, required);
    if (field == nullptr || field->is_null()) return {};
    if (field->is_string()) return field->get<std::string>();
    complain(name, text::command_kind_text);
    return {};
  }
  // A label, or an index as a number; null reads as empty.
  std::string label(const char* name) {
    const Json* field = find(name, true);
    if (field != nullptr && field->is_number_integer()) return field->dump();
    return text(name);
  }
  double number(const char* name, bool required = true, double fallback = 0.0) {
    const Json* field = find(name, required);
    if (field == nullptr) return fallback;
    if (field->is_number()) return field->get<double>();
    complain(name, text::command_kind_number);
    return fallback;
  }
  float weight_value(const char* name) {
    const Json* field = find(name, true);
    if (field != nullptr && field->is_string()) {
      const auto value = nn::parse_number(field->get<std::string>());
      if (value) return *value;
      note(error_, value.error());
      return 0.0F;
    }
    return static_cast<float>(number(name));
  }
  int integer(const char* name, bool required = true, int fallback = 0) {
    const Json* field = find(name, required);
    if (field == nullptr || field->is_null()) return fallback;
    if (field->is_number_integer() && field->get<double>() >= -2e9 && field->get<double>() <= 2e9)
      return field->get<int>();
    complain(name, text::command_kind_whole);
    return fallback;
  }
  // That something was given once and for all, from 1 on.
  std::uint64_t number_of(const char* name) {
    const int number = integer(name);
    return number < 0 ? 0 : static_cast<std::uint64_t>(number);
  }
  bool flag(const char* name) {
    const Json* field = find(name, false);
    if (field == nullptr) return false;
    if (field->is_boolean()) return field->get<bool>();
    complain(name, text::command_kind_flag);
    return false;
  }
  // What read(*this, name) makes of a field that may be absent.
  template <class Read>
  auto optional(const char* name, const Read& read) {
    using Value = decltype(read(*this, name));
    return object_.contains(name) ? std::optional<Value>(read(*this, name)) : std::nullopt;
  }
  std::vector<float> numbers(const char* name) {
    std::vector<float> values;
    for (const Json& value : list(name)) {
      if (!value.is_number()) complain(name, text::command_kind_numbers);
      values.push_back(value.is_number() ? static_cast<float>(value.get<double>()) : 0.0F);
    }
    return values;
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> values;
    for (const Json& value : list(name)) {
      if (!value.is_string()) complain(name, text::command_kind_texts);
      values.push_back(value.is_string() ? value.get<std::string>() : std::string());
    }
    return values;
  }
  // Words are read as their table means them; where there is none nothing is known, and the command is refused for
  // that.
  base::Params params(const char* name, const std::optional<base::ParamTable>& table) {
    base::Params params;
    const Json* field = find(name, false);
    if (field == nullptr) return params;
    if (!field->is_object()) {
      complain(name, text::command_kind_params);
      return params;
    }
    for (const auto& [key, value] : field->items()) {
      if (value.is_number()) {
        params[key] = value.get<double>();
      } else if (value.is_string() && table) {
        const auto place = base::read_choice(*table, key, value.get<std::string>());
        if (place) params[key] = *place;
        if (!place) note(error_, place.error());
      } else if (!value.is_string()) {
        complain(key.c_str(), text::command_kind_param);
      }
    }
    return params;
  }
  nn::WeightRef weight(const char* name) {
    const std::string written = text(name);
    if (graph_ == nullptr) return kNoWeight;
    return known(nn::parse_weight_ref(*graph_, written), kNoWeight);
  }
  int layer(const char* name) {
    const std::string written = text(name);
    return graph_ == nullptr ? -1 : known(find_layer(*graph_, written), -1);
  }
  command::Reset reset() {
    const std::string scope = text("scope");
    (void)text("weight", scope != "all");
    if (scope == "weight") return {.scope = command::Reset::Scope::weight, .weight = weight("weight")};
    if (scope == "layer") return {.scope = command::Reset::Scope::layer, .node = layer("weight")};
    if (scope != "all") note(unknown_, {text::command_no_scope, {{"scope", scope.substr(0, 60)}}});
    return {};
  }
  // Of the part that `on` names.
  edit::Chosen chosen(const char* name, const std::string& on) {
    edit::Chosen chosen = known(edit::Chosen::parse(text(name, false)), edit::Chosen());
    if (graph_ == nullptr || chosen.empty()) return chosen;
    if (const auto region = edit::parse_region(*graph_, on))
      chosen.settle_count(edit::count_of(edit::runs_of(*graph_, *region)));
    return chosen;
  }
  // What is wrong with the command's form, else what its fields name that is not there.
  [[nodiscard]] const std::optional<Error>& error() const { return error_ ? error_ : unknown_; }

 private:
  const Json* find(const char* name, bool required) {
    const auto it = object_.find(name);
    if (it != object_.end()) return &*it;
    if (required) note(error_, {text::command_field_missing, {{"name", name}}});
    return nullptr;
  }
  const Json& list(const char* name) {
    static const Json kNone = Json::array();
    const Json* field = find(name, true);
    if (field != nullptr && field->is_array()) return *field;
    if (field != nullptr) complain(name, text::command_kind_list);
    return kNone;
  }
  void complain(const char* name, Text kind) {
    note(error_, {text::command_field_must_be, {{"name", std::string_view(name).substr(0, 60)}, {"kind", kind}}});
  }
  static void note(std::optional<Error>& first, const Error& error) {
    if (!first) first = error;
  }
  template <class T>
  T known(Result<T> found, T otherwise) {
    if (found) return std::move(*found);
    note(unknown_, found.error());
    return otherwise;
  }
  const Json& object_;
  const nn::Graph* graph_;
  std::optional<Error> error_;
  std::optional<Error> unknown_;
};

// Of fields that may be absent.
constexpr auto text = [](Fields& of, const char* field) { return of.text(field); };
constexpr auto flag = [](Fields& of, const char* field) { return of.flag(field); };
constexpr auto whole = [](Fields& of, const char* field) { return of.integer(field); };
constexpr auto number = [](Fields& of, const char* field) { return of.number(field); };
constexpr auto numbers = [](Fields& of, const char* field) { return of.numbers(field); };

// What a method's or an operation's words mean.
std::optional<base::ParamTable> table_of(const auto* definition) {
  if (definition == nullptr) return std::nullopt;
  return base::ParamTable{definition->title, definition->params};
}

template <class T>
Command plain(Fields&) {
  return T{};
}

struct Reader {
  std::string_view name;
  Command (*read)(Fields&);
};
constexpr Reader kReaders[] = {
    {"set_weight",
     [](Fields& f) -> Command {
       return command::SetWeight{f.weight("weight"), f.weight_value("value"), f.flag("preview")};
     }},
    {"transform_weight",
     [](Fields& f) -> Command { return command::TransformWeight{f.weight("weight"), f.text("operation")}; }},
    {"reset", [](Fields& f) -> Command { return f.reset(); }},
    {"change",
     [](Fields& f) -> Command {
       const std::string operation = f.text("operation");
       const std::string on = f.text("on");
       return command::Change{.operation = operation,
                              .on = on,
                              .from = f.text("from", false),
                              .params = f.params("params", table_of(edit::find_operation(operation))),
                              .chosen = f.chosen("chosen", on),
                              .preview = f.flag("preview"),
                              .again = f.flag("again")};
     }},
    {"switch",
     [](Fields& f) -> Command {
       return command::Switch{f.layer("layer"), f.integer("channel", false, -1), f.flag("on")};
     }},
    {"undo", plain<command::Undo>},
    {"redo", plain<command::Redo>},
    {"select_weight", [](Fields& f) -> Command { return command::SelectWeight{f.weight("weight")}; }},
    {"select_layer", [](Fields& f) -> Command { return command::SelectLayer{f.text("layer")}; }},
    {"select_channel",
     [](Fields& f) -> Command {
       const int channel = f.integer("channel", true, -1);
       return command::SelectChannel{f.text("layer", channel >= 0), channel};
     }},
    {"set_target", [](Fields& f) -> Command { return command::SetTarget{f.label("target")}; }},
    {"set_method",
     [](Fields& f) -> Command {
       const std::string method = f.text("method");
       return command::SetMethod{method, f.params("params", table_of(explain::find_method(method))),
                                 f.text("layer", false)};
     }},
    {"remember_picture",
     [](Fields& f) -> Command { return command::RememberPicture{f.optional("remember", flag).value_or(true)}; }},
    {"set_view",
     [](Fields& f) -> Command {
       return command::SetView{.overlay = f.optional("overlay", text),
                               .map = f.optional("map", flag),
                               .opacity = f.optional("opacity", number),
                               .seen = f.optional("seen", flag),
                               .compare = f.optional("compare", flag)};
     }},
    {"open_page", [](Fields& f) -> Command { return command::OpenPage{f.text("page")}; }},
    {"stop_map", plain<command::StopMap>},
    {"start_map", plain<command::StartMap>},
    {"start_study", plain<command::StartStudy>},
    {"stop_study", plain<command::StopStudy>},
    {"set_crop",
     [](Fields& f) -> Command { return command::SetCrop{{f.integer("x"), f.integer("y"), f.integer("size")}}; }},
    {"set_reading",
     [](Fields& f) -> Command {
       return command::SetReading{.size = f.optional("size", whole),
                                  .order = f.optional("order", text),
                                  .scale = f.optional("scale", text),
                                  .mean = f.optional("mean", numbers),
                                  .std = f.optional("std", numbers),
                                  .crop = f.optional("crop", number),
                                  .invert = f.optional("invert", flag)};
     }},
    {"set_labels", [](Fields& f) -> Command { return command::SetLabels{f.texts("labels")}; }},
    {"open_sample", [](Fields& f) -> Command { return command::OpenSample{f.text("name")}; }},
    {"open_model", [](Fields& f) -> Command { return command::OpenModel{f.text("name"), f.text("set", false)}; }},
    {"open_set", [](Fields& f) -> Command { return command::OpenSet{f.text("name")}; }},
    {"close_set", plain<command::CloseSet>},
    {"map_class", [](Fields& f) -> Command { return command::MapClass{f.text("class"), f.label("to")}; }},
    {"select_cell",
     [](Fields& f) -> Command {
       const std::string truth = f.label("truth");
       return command::SelectCell{truth, truth.empty() ? "" : f.label("answer")};
     }},
    {"open_measured", [](Fields& f) -> Command { return command::OpenMeasured{f.integer("picture")}; }},
    {"save_map", [](Fields& f) -> Command { return command::SaveMap{f.text("as")}; }},
    {"save_model", [](Fields& f) -> Command { return command::SaveModel{f.text("as", false)}; }},
    {"save_history", plain<command::SaveHistory>},
    {"dismiss_error", plain<command::DismissError>},
    {"add_class", [](Fields& f) -> Command { return command::AddClass{f.text("name", false)}; }},
    {"rename_class", [](Fields& f) -> Command { return command::RenameClass{f.label("class"), f.text("name")}; }},
    {"remove_class", [](Fields& f) -> Command { return command::RemoveClass{f.label("class")}; }},
    {"move_picture",
     [](Fields& f) -> Command { return command::MovePicture{f.number_of("picture"), f.label("class")}; }},
    {"remove_picture", [](Fields& f) -> Command { return command::RemovePicture{f.number_of("picture")}; }},
    {"open_taught", [](Fields& f) -> Command { return command::OpenTaught{f.number_of("picture")}; }},
    {"learn", plain<command::Learn>},
    {"end_teaching", plain<command::EndTeaching>},
};

// False where there is an object in it.
bool read_value(const Json& json, Value& value) {
  if (json.is_object()) return false;
  if (json.is_boolean()) value.held = json.get<bool>();
  if (json.is_number_float() || (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
    value.held = json.get<double>();
  } else if (json.is_number_integer()) {
    value.held = json.get<std::int64_t>();
  }
  if (json.is_string()) value.held = json.get<std::string>();
  if (json.is_array()) {
    Value::List list(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (!read_value(json[i], list[i])) return false;
    }
    value.held = std::move(list);
  }
  return true;
}

// A command of a page: which there are is not known here.
Result<Command> page_command(const std::string& name, const Json& object) {
  constexpr std::string_view kSet = "set_";
  constexpr std::string_view kSave = "save_";
  if (name.starts_with(kSave)) return command::SaveFound{name.substr(kSave.size())};
  if (!name.starts_with(kSet)) return fail(text::command_unknown, {{"name", name.substr(0, 60)}});
  command::Choose choose{name.substr(kSet.size())};
  for (const auto& [key, json] : object.items()) {
    if (key == "command") continue;
    Field field{key};
    if (!read_value(json, field.value)) return fail(text::command_field_object, {{"name", key.substr(0, 60)}});
    choose.fields.push_back(std::move(field));
  }
  return choose;
}

Result<Command> parse(std::string_view text, const nn::Graph* graph) {
  auto json = io::parse_json(text, text::json_command);
  if (!json) return std::unexpected(json.error());
  if (!json->is_object() || !json->contains("command") || !(*json)["command"].is_string()) {
    return fail(text::command_no_name);
  }
  const std::string name = (*json)["command"].get<std::string>();
  const auto* reader = std::ranges::find(kReaders, name, &Reader::name);
  if (reader == std::ranges::end(kReaders)) return page_command(name, *json);
  Fields fields(*json, graph);
  Command command = reader->read(fields);
  if (fields.error()) return std::unexpected(*fields.error());
  return command;
}

}  // namespace

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Reader& reader : kReaders) names.push_back(reader.name);
  return names;
}

Result<Command> parse_command(std::string_view json, const nn::Graph& graph) { return parse(json, &graph); }

Result<Command> parse_command_without_model(std::string_view json) { return parse(json, nullptr); }

}  // namespace weightroom::document
