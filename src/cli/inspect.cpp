// weightroom inspect: the layers of a model, their shapes and sizes.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "io/file.h"
#include "io/model_file.h"
#include "io/safetensors.h"
#include "nn/answer.h"
#include "onnx/open_model.h"

namespace weightroom::cli {
namespace {

struct InspectOptions {
  std::string model;
  bool json = false;
};

struct LayerSize {
  std::size_t weights = 0;
  std::size_t bytes = 0;  // as the file stores them
};

LayerSize size_of(const nn::Graph& graph, const nn::Node& node, const io::SafetensorsFile& file) {
  LayerSize size;
  for (const int index : node.weights) {
    const nn::GraphWeight& weight = graph.weights()[static_cast<std::size_t>(index)];
    size.weights += weight.shape.size();
    const io::SafetensorsEntry* stored = file.find(weight.name);
    if (stored != nullptr) size.bytes += stored->bytes.size();
  }
  return size;
}

Json as_object(const std::string& text) { return Json::parse(text.empty() ? "{}" : text, nullptr, false); }

void print_table(const nn::Model& model, const io::SafetensorsFile& file) {
  const nn::Graph& graph = *model.graph;
  std::cout << model.name << ": " << model.title << "\nfingerprint " << nn::fingerprint(graph, model.weights) << '\n'
            << graph.weight_count() << " weights, " << graph.multiply_adds() / 1e6 << " million multiply-adds\n";
  std::size_t longest = 12;
  for (const nn::Node& node : graph.nodes()) longest = std::max(longest, node.name.size());
  for (const nn::Node& node : graph.nodes()) {
    const LayerSize size = size_of(graph, node, file);
    std::cout << std::left << std::setw(static_cast<int>(longest) + 2) << node.name << std::setw(16)
              << (node.op == nullptr ? "input" : node.op->name) << std::setw(20) << node.output.text() << std::right
              << std::setw(9) << size.weights << " weights " << std::setw(9) << size.bytes << " bytes\n";
  }
  const Json provenance = as_object(model.provenance);
  if (provenance.is_object() && provenance.contains("command"))
    std::cout << "made by: " << provenance["command"].dump() << '\n';
}

Json to_json(const nn::Model& model, const io::SafetensorsFile& file) {
  const nn::Graph& graph = *model.graph;
  const auto input = graph.spec().input.extents();
  Json json{{"model", model.name},
            {"title", model.title},
            {"fingerprint", nn::fingerprint(graph, model.weights)},
            {"weights", graph.weight_count()},
            {"multiply_adds", static_cast<long long>(graph.multiply_adds())},
            {"input", std::vector<int>(input.begin(), input.end())},
            {"labels", model.labels},
            {"answer", nn::name_of(model.graph->answer())}};
  json["layers"] = Json::array();
  for (std::size_t i = 1; i < graph.nodes().size(); ++i) {
    const nn::Node& node = graph.nodes()[i];
    const LayerSize size = size_of(graph, node, file);
    const auto extents = node.output.extents();
    json["layers"].push_back({{"name", node.name},
                              {"op", std::string(node.op->name)},
                              {"shape", std::vector<int>(extents.begin(), extents.end())},
                              {"weights", size.weights},
                              {"bytes", size.bytes}});
  }
  Json provenance = as_object(model.provenance);
  json["provenance"] = provenance.is_discarded() ? Json::object() : std::move(provenance);
  return json;
}

Status run_inspect(const InspectOptions& options) {
  const auto path = find_model_file(options.model);
  if (!path) return std::unexpected(path.error());
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  auto bytes = io::read_file(path->string());
  if (!bytes) return std::unexpected(bytes.error());
  // Of an ONNX model the bytes it would take as a file of ours.
  if (onnx::is_onnx(path->string(), *bytes)) bytes = io::write_model(*model);
  const auto file = io::parse_safetensors(*bytes);
  if (!file) return std::unexpected(file.error());
  if (options.json) {
    print_json(to_json(*model, *file));
  } else {
    print_table(*model, *file);
  }
  return {};
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("inspect", "Show the layers of a model, their shapes and sizes.");
  auto options = std::make_shared<InspectOptions>();
  command->add_option("model,--model", options->model, "a model file, or a shipped model's name")->required();
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_inspect(*options); }; });
}

}  // namespace weightroom::cli
