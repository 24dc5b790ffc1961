// weightroom edit: a copy of a model with single weights set by hand.
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "io/file.h"
#include "io/json.h"
#include "io/model_file.h"
#include "nn/weight_ref.h"

namespace weightroom::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> sets;
  std::string out;
  bool json = false;
};

Status run_edit(const Options& options) {
  auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const nn::Graph& graph = *model->graph;
  std::vector<float> weights = model->weights.copy();
  Json edits = Json::array();
  for (const std::string& text : options.sets) {
    const auto assignment = nn::parse_weight_assignment(graph, text);
    if (!assignment) return std::unexpected(assignment.error());
    float& weight = weights[nn::flat_index(graph, assignment->ref)];
    edits.push_back(
        {{"weight", nn::format_weight_ref(graph, assignment->ref)}, {"before", weight}, {"after", assignment->value}});
    weight = assignment->value;
  }
  model->weights = std::move(weights);
  if (auto written = io::write_file(options.out, io::write_model(*model)); !written) return written;
  const std::string fingerprint = nn::fingerprint(graph, model->weights);
  if (options.json) {
    print_json(
        {{"model", model->name}, {"fingerprint", fingerprint}, {"edits", std::move(edits)}, {"file", options.out}});
    return {};
  }
  for (const Json& edit : edits) {
    std::cout << edit["weight"].get<std::string>() << ": " << io::float_text(edit["before"].get<float>()) << " -> "
              << io::float_text(edit["after"].get<float>()) << '\n';
  }
  std::cout << options.out << ": fingerprint " << fingerprint.substr(0, 8) << '\n';
  return {};
}

}  // namespace

void add_edit(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("edit", "Set single weights of a model and save it under another name.");
  auto options = std::make_shared<Options>();
  command->add_option("model,--model", options->model, "a shipped model's name, or a model file")->required();
  // One value an option: the indices hold commas.
  command->add_option("--set", options->sets, "such as 'conv2.weight[3,1,0,2]=-0.8'; may be repeated")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--out", options->out, "model file to write (safetensors)")->required();
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_edit(*options); }; });
}

}  // namespace weightroom::cli
