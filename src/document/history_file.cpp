#include "document/history_file.h"

#include <strings/history.h>
#include <strings/json.h>

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

Result<EditCommand> read_step(const nlohmann::json& step, std::size_t number, const nn::Graph& graph) {
  if (!step.is_object() || !step.contains("command") || !step["command"].is_object())
    return fail(text::history_step_no_command, {{"step", number}});
  if (text_of(step["command"], "command") == "take_weights") {
    command::TakeWeights taken{text_of(step["command"], "file"), text_of(step["command"], "fingerprint")};
    if (!is_fingerprint(taken.fingerprint)) return fail(text::history_step_no_command, {{"step", number}});
    return taken;
  }
  const std::string text = io::json_text(step["command"]);
  const auto command = parse_command(text, graph);
  if (!command) {
    const bool known = parse_command_without_model(text).has_value();  // it names what the model does not have
    return fail(known ? text::history_step_not_here : text::history_step_wrong,
                {{"step", number}, {"why", command.error()}});
  }
  auto edit = as_edit(*command);
  if (!edit || previews(*command)) return fail(text::history_step_no_edit, {{"step", number}});
  return std::move(*edit);
}

// Whether the steps belong to this model, else a sentence.
Status check_model(const std::string& name, const std::string& fingerprint, const Document& document,
                   const std::string& loaded_fingerprint) {
  if (fingerprint == loaded_fingerprint) return {};
  const std::string of = fingerprint.substr(0, 8);
  const std::string own = loaded_fingerprint.substr(0, 8);
  if (name.empty())
    return fail(text::history_nameless_model, {{"of", of}, {"open", document.model->name}, {"own", own}});
  return fail(text::history_other_model,
              {{"name", io::in_quotes(name)}, {"of", of}, {"open", document.model->name}, {"own", own}});
}

}  // namespace

Result<HistoryFile> read_history(std::span<const std::byte> bytes, const Document& document,
                                 const std::string& loaded_fingerprint) {
  const auto json = io::parse_json(io::as_text(bytes), text::json_history);
  const auto other = [&](Error otherwise) {
    return std::unexpected(
        io::refusal_of("", bytes, std::move(otherwise), {io::FileKind::history, io::FileKind::labels}));
  };
  if (!json) return other(json.error());
  if (!json->is_object() || text_of(*json, "format") != io::kHistoryFormat) return other({text::history_none});
  if (!json->contains("version") || (*json)["version"] != 1) return fail(text::history_version);
  std::string name;
  std::string begins;
  if (json->contains("model") && (*json)["model"].is_object()) {
    name = text_of((*json)["model"], "name");
    begins = text_of((*json)["model"], "fingerprint");
  }
  if (!is_fingerprint(begins)) return fail(text::history_no_model);
  HistoryFile file;
  file.fingerprint = text_of(*json, "fingerprint");
  if (!file.fingerprint.empty() && !is_fingerprint(file.fingerprint)) return fail(text::history_no_fingerprint);
  if (!json->contains("steps") || !(*json)["steps"].is_array()) return fail(text::history_no_steps);
  const auto& steps = (*json)["steps"];
  if (steps.size() > kMostSteps) return fail(text::history_too_long, {{"n", kMostSteps}});
  if (auto fits = check_model(name, begins, document, loaded_fingerprint); !fits) return std::unexpected(fits.error());
  for (const auto& step : steps) {
    auto command = read_step(step, file.steps.size() + 1, document.graph());
    if (!command) return std::unexpected(command.error());
    file.steps.push_back(std::move(*command));
  }
  return file;
}

std::string history_model(std::span<const std::byte> bytes) {
  const auto json = io::parse_json(io::as_text(bytes), text::json_history);
  if (!json || !json->is_object() || !json->contains("model") || !(*json)["model"].is_object()) return {};
  return text_of((*json)["model"], "name");
}

std::vector<std::byte> write_history(const Document& document, const std::string& loaded_fingerprint,
                                     const std::string& fingerprint) {
  std::string text = "{\n \"format\": \"" + std::string(io::kHistoryFormat) +
                     "\",\n \"version\": 1,\n \"model\": {\"name\": " + io::json_text(document.model->name) +
                     ", \"fingerprint\": \"" + loaded_fingerprint + "\"},\n \"steps\": [";
  for (const auto& step : document.edit.steps) {
    text += (step == document.edit.steps.front() ? "\n" : ",\n") + std::string("  {\"words\": ") +
            io::json_text(step->words.said()) +
            ", \"command\": " + to_json(as_command(step->command), document.graph()) + "}";
  }
  text += "\n ],\n \"fingerprint\": \"" + fingerprint + "\"\n}\n";
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace weightroom::document
