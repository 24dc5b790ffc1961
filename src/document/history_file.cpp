#include "document/history_file.h"

#include "document/apply_edit.h"
#include "io/file_kind.h"
#include "io/json.h"
#include "io/text.h"

namespace weightroom::document {
namespace {

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

bool is_fingerprint(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Command> read_step(const nlohmann::json& step, std::size_t number) {
  const std::string which = "Step " + std::to_string(number) + " of the history";
  if (!step.is_object() || !step.contains("command") || !step["command"].is_object())
    return fail(which + " has no command.");
  auto command = parse_command(io::json_text(step["command"]));
  if (!command) return fail(which + ": " + command.error().message);
  if (!edits(*command) || previews(*command)) return fail(which + " does not change weights.");
  return command;
}

}  // namespace

Result<HistoryFile> read_history(std::span<const std::byte> bytes) {
  const auto json = io::parse_json(io::as_text(bytes), "The history");
  if (!json) return std::unexpected(json.error());
  if (!json->is_object() || text_of(*json, "format") != io::kHistoryFormat)
    return fail("The file is no history of edits.");
  if (!json->contains("version") || (*json)["version"] != 1)
    return fail("The history is of a version that this program does not know.");
  HistoryFile file;
  if (json->contains("model") && (*json)["model"].is_object()) {
    file.model = text_of((*json)["model"], "name");
    file.loaded_fingerprint = text_of((*json)["model"], "fingerprint");
  }
  if (!is_fingerprint(file.loaded_fingerprint)) return fail("The history does not say which model it belongs to.");
  file.fingerprint = text_of(*json, "fingerprint");
  if (!file.fingerprint.empty() && !is_fingerprint(file.fingerprint))
    return fail("The fingerprint in the history is not one.");
  if (!json->contains("steps") || !(*json)["steps"].is_array()) return fail("The history has no list of steps.");
  const auto& steps = (*json)["steps"];
  if (steps.size() > kMostSteps) return fail("The history has more than " + std::to_string(kMostSteps) + " steps.");
  for (const auto& step : steps) {
    auto command = read_step(step, file.steps.size() + 1);
    if (!command) return std::unexpected(command.error());
    file.steps.push_back(std::move(*command));
  }
  return file;
}

// The steps' commands stand in it as they are kept.
std::vector<std::byte> write_history(const Document& document, const std::string& loaded_fingerprint,
                                     const std::string& fingerprint) {
  std::string text = "{\n \"format\": \"" + std::string(io::kHistoryFormat) +
                     "\",\n \"version\": 1,\n \"model\": {\"name\": " + io::json_text(document.model->name) +
                     ", \"fingerprint\": \"" + loaded_fingerprint + "\"},\n \"steps\": [";
  for (const auto& step : document.edit.steps) {
    text += (step == document.edit.steps.front() ? "\n" : ",\n") + std::string("  {\"words\": ") +
            io::json_text(step->words) + ", \"command\": " + step->command + "}";
  }
  text += "\n ],\n \"fingerprint\": \"" + fingerprint + "\"\n}\n";
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Status check_history(const HistoryFile& file, const Document& document, const std::string& loaded_fingerprint) {
  if (file.loaded_fingerprint == loaded_fingerprint) return {};
  const std::string whose = file.model.empty() ? "another model" : io::in_quotes(file.model);
  return fail("The history belongs to " + whose + " with the fingerprint " + file.loaded_fingerprint.substr(0, 8) +
              "; open is '" + document.model->name + "' with " + loaded_fingerprint.substr(0, 8) + ".");
}

}  // namespace weightroom::document
