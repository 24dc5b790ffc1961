// weightroom models: what ships with the program.
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "io/file.h"
#include "io/model_file.h"

namespace weightroom::cli {
namespace {

Status run_models(bool as_json) {
  Json rows = Json::array();
  for (const ModelPlace& place : find_models()) {
    const auto bytes = io::read_file(place.path.string());
    if (!bytes) return std::unexpected(bytes.error());
    const auto model = io::read_model(*bytes, place.name);
    if (!model) return fail("'" + place.path.string() + "': " + model.error().message());
    const nn::Graph& graph = *model->graph;
    if (!as_json) {
      std::cout << place.name << ": " << model->title << "; " << graph.weight_count() << " weights, "
                << graph.multiply_adds() / 1e6 << " million multiply-adds, " << model->labels.size() << " classes ("
                << place.path.string() << ")\n";
      continue;
    }
    const auto extents = graph.spec().input.extents();
    rows.push_back({{"name", place.name},
                    {"title", model->title},
                    {"file", place.path.string()},
                    {"fingerprint", nn::fingerprint(graph, model->weights)},
                    {"weights", graph.weight_count()},
                    {"multiply_adds", static_cast<long long>(graph.multiply_adds())},
                    {"input", std::vector<int>(extents.begin(), extents.end())},
                    {"labels", model->labels}});
  }
  if (as_json) print_json({{"models", std::move(rows)}});
  return {};
}

}  // namespace

void add_models(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("models", "List the models that come with the program.");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "result as JSON on standard output");
  command->callback([as_json, &action] { action = [as_json] { return run_models(*as_json); }; });
}

}  // namespace weightroom::cli
