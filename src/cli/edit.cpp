// weightroom edit: a copy of a model with weights changed, by hand, by operations, or by the steps of a history.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>

#include <strings/history.h>
#include <strings/json.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "document/command.h"
#include "document/history_file.h"
#include "edit/operation.h"
#include "io/file.h"
#include "io/json.h"
#include "lab/save_model.h"
#include "nn/weight_ref.h"
#include "studies/importance.h"

namespace weightroom::cli {
namespace {

// An option that changes weights, and what was typed behind it.
struct Asked {
  enum class Kind { history, set, change, prune, quantise };
  Kind kind = Kind::set;
  std::string text;
};

struct EditOptions {
  std::string model;
  std::vector<Asked> asked;  // in the order typed
  std::string history;
  std::vector<std::string> sets;
  std::vector<std::string> changes;
  double prune = 0.0;
  int quantise = 0;
  std::string on = "all";
  std::string by = "size";
  std::string grain = "weight";
  std::string mode = "symmetric";
  std::string per = "tensor";
  std::string picture;
  std::string out;
  std::string store = "plain";
  std::string save_history;
  bool json = false;
};

using Commands = std::vector<document::EditCommand>;

// The parameters' words as the operation's table means them.
Result<document::EditCommand> change_of(std::string_view operation, const std::string& on, const base::Params& numbers,
                                        const std::vector<std::pair<std::string, std::string>>& words) {
  const edit::OperationDef& definition = *edit::find_operation(operation);
  document::command::Change change{.operation = std::string(operation), .on = on, .params = numbers};
  for (const auto& [name, word] : words) {
    const auto place = base::read_choice({definition.title, definition.params}, name, word);
    if (!place) return std::unexpected(place.error());
    change.params[name] = *place;
  }
  return change;
}

// A change from the JSON of its fields, as the page's command has them.
Result<document::EditCommand> change_of(const nn::Graph& graph, const std::string& text) {
  auto json = io::parse_json(text, text::json_change);
  if (!json) return std::unexpected(json.error());
  if (!json->is_object())
    return fail("A change is written as a JSON object, such as {\"operation\":\"zero\",\"on\":\"fc\"}.");
  (*json)["command"] = "change";
  const auto command = document::parse_command(io::json_text(*json), graph);
  if (!command) return std::unexpected(command.error());
  return *document::as_edit(*command);
}

Result<document::HistoryFile> history_of(const document::Document& document, const std::string& path,
                                         const std::string& fingerprint) {
  const auto bytes = io::read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  return document::read_history(*bytes, document, fingerprint);
}

// What is asked for, and the weights that the steps of a history at its beginning say they end in.
struct Plan {
  Commands commands{};
  std::size_t steps = 0;  // of that history
  std::string ends_in{};  // a fingerprint; empty: none is said
};

Result<document::EditCommand> command_of(const nn::Graph& graph, const EditOptions& options, const Asked& asked) {
  if (asked.kind == Asked::Kind::set) {
    const auto assignment = nn::parse_weight_assignment(graph, asked.text);
    if (!assignment) return std::unexpected(assignment.error());
    return document::command::SetWeight{assignment->ref, assignment->value};
  }
  if (asked.kind == Asked::Kind::prune) {
    return change_of("prune", options.on, {{"share", options.prune}}, {{"by", options.by}, {"grain", options.grain}});
  }
  if (asked.kind == Asked::Kind::quantise) {
    return change_of("quantise", options.on, {{"bits", static_cast<double>(options.quantise)}},
                     {{"mode", options.mode}, {"per", options.per}});
  }
  return change_of(graph, asked.text);
}

// All that is asked for, in the order typed.
Result<Plan> plan_of(const document::Document& document, const EditOptions& options, const std::string& fingerprint) {
  Plan plan;
  Commands& commands = plan.commands;
  for (const Asked& asked : options.asked) {
    if (asked.kind == Asked::Kind::history) {
      auto history = history_of(document, asked.text, fingerprint);
      if (!history) return std::unexpected(history.error());
      if (commands.empty()) plan = {{}, history->steps.size(), history->fingerprint};
      std::ranges::move(history->steps, std::back_inserter(commands));
      continue;
    }
    auto command = command_of(document.graph(), options, asked);
    if (!command) return std::unexpected(command.error());
    commands.push_back(std::move(*command));
  }
  if (commands.empty()) return fail("Say what to change: --set, --change, --prune, --quantise or --history.");
  return plan;
}

Status take_picture(document::Document& document, const std::string& path) {
  if (path.empty()) return {};
  auto image = load_picture(path);
  if (!image) return std::unexpected(image.error());
  document.picture =
      document::make_picture(*document.model, path, std::make_shared<const io::Image>(std::move(*image)), false);
  return {};
}

Result<document::Document> applied(const document::Document& document, const document::EditCommand& command) {
  if (const auto* change = std::get_if<document::command::Change>(&command)) {
    auto chosen = studies::choose_now(document, *change);
    if (!chosen) return std::unexpected(chosen.error());
    return document::apply(document, *chosen);
  }
  return document::apply(document, document::as_command(command));
}

// Every weight that a step names; of steps that change many only their words tell.
Json edits_json(const document::Document& document) {
  Json edits = Json::array();
  for (const auto& step : document.edit.steps) {
    for (const document::Edit& edit : step->edits) {
      edits.push_back({{"weight", nn::format_weight_ref(document.graph(), edit.ref)},
                       {"before", edit.before},
                       {"after", edit.after}});
    }
  }
  return edits;
}

Json steps_json(const document::Document& document) {
  Json steps = Json::array();
  for (const auto& step : document.edit.steps)
    steps.push_back({{"words", step->words.said()}, {"changed", step->changed}});
  return steps;
}

Status run_edit(const EditOptions& options) {
  auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const std::string loaded = nn::fingerprint(*model->graph, model->weights);
  document::Document document = document::open_document(std::make_shared<const nn::Model>(std::move(*model)));
  if (auto taken = take_picture(document, options.picture); !taken) return taken;
  const auto plan = plan_of(document, options, loaded);
  if (!plan) return std::unexpected(plan.error());
  for (std::size_t i = 0; i < plan->commands.size(); ++i) {
    auto next = applied(document, plan->commands[i]);
    if (!next) return std::unexpected(next.error());
    document = std::move(*next);
    if (i + 1 != plan->steps || plan->ends_in.empty()) continue;
    if (nn::fingerprint(document.graph(), document.edit.running.flat()) != plan->ends_in)
      return fail(text::history_other_weights);
  }
  const std::string fingerprint = nn::fingerprint(document.graph(), document.edit.running.flat());
  const auto way = way_of(options.out, options.store);
  if (!way) return std::unexpected(way.error());
  const auto file = lab::edited_file(document, *way);
  if (!file) return std::unexpected(file.error());
  if (auto written = io::write_file(options.out, *file); !written) return written;
  if (!options.save_history.empty()) {
    const auto history = document::write_history(document, loaded, fingerprint);
    if (auto written = io::write_file(options.save_history, history); !written) return written;
  }
  if (options.json) {
    print_json({{"model", document.model->name},
                {"fingerprint", fingerprint},
                {"edits", edits_json(document)},
                {"steps", steps_json(document)},
                {"file", options.out}});
    return {};
  }
  for (const auto& step : document.edit.steps) std::cout << step->words.said() << '\n';
  std::cout << options.out << ": fingerprint " << fingerprint.substr(0, 8) << '\n';
  return {};
}

using Kinds = std::map<const CLI::Option*, Asked::Kind>;

// The options that change weights, and what each one asks for.
Kinds add_changes(CLI::App& command, EditOptions& options) {
  auto* history = command.add_option("--history", options.history, "steps saved by the page or by --save-history");
  // One value an option: the indices hold commas.
  auto* set = command.add_option("--set", options.sets, "such as 'conv2.weight[3,1,0,2]=-0.8'; may be repeated")
                  ->expected(1)
                  ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  auto* change =
      command
          .add_option("--change", options.changes,
                      R"(such as '{"operation":"scale","on":"conv2","params":{"factor":0.5}}'; may be repeated)")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  auto* prune = command.add_option("--prune", options.prune, "share of the least important weights that become 0")
                    ->check(CLI::Range(0.0, 1.0));
  command.add_option("--by", options.by, "what makes one unimportant: size, gradient or loss (with --picture)")
      ->capture_default_str();
  command.add_option("--grain", options.grain, "what is pruned as one: weight, kernel or channel")
      ->capture_default_str();
  auto* quantise = command.add_option("--quantise", options.quantise, "bits of each weight")->check(CLI::Range(1, 16));
  command.add_option("--mode", options.mode, "which values: symmetric, affine or fp16")->capture_default_str();
  command.add_option("--per", options.per, "what has a scale of its own: tensor or channel")->capture_default_str();
  command.add_option("--on", options.on, "which part --prune and --quantise are about, such as 'conv2;fc.weight[0:3]'")
      ->capture_default_str();
  return {{history, Asked::Kind::history},
          {set, Asked::Kind::set},
          {change, Asked::Kind::change},
          {prune, Asked::Kind::prune},
          {quantise, Asked::Kind::quantise}};
}

// What was typed of them, in that order.
std::vector<Asked> asked_of(const CLI::App& command, const Kinds& kinds) {
  std::vector<Asked> asked;
  std::map<const CLI::Option*, std::size_t> seen;
  for (const CLI::Option* option : command.parse_order()) {
    const auto kind = kinds.find(option);
    if (kind != kinds.end()) asked.push_back({kind->second, option->results()[seen[option]++]});
  }
  return asked;
}

}  // namespace

void add_edit(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "edit",
      "Change weights of a model and save it under another name. --set, --change, --prune, --quantise and --history\n"
      "are carried out in the order in which they are typed.");
  auto options = std::make_shared<EditOptions>();
  command->add_option("model,--model", options->model, "a shipped model's name, or a model file")->required();
  const Kinds kinds = add_changes(*command, *options);
  command->add_option("--picture", options->picture, "picture that says which weights count");
  command->add_option("--out", options->out, "model file to write (safetensors or ONNX)")->required();
  command->add_option("--store", options->store, kStoreHelp)->capture_default_str();
  command->add_option("--save-history", options->save_history, "file for the steps, to be done again by --history");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, command, kinds, &action] {
    options->asked = asked_of(*command, kinds);
    action = [options] { return run_edit(*options); };
  });
}

}  // namespace weightroom::cli
