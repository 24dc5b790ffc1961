// weightroom convert: an ONNX file in, a model file out.
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/reading.h"
#include "document/reading.h"
#include "io/bare_weights.h"
#include "io/file.h"
#include "io/labels.h"
#include "io/model_file.h"
#include "io/text.h"
#include "lab/save_model.h"
#include "onnx/open_model.h"

namespace weightroom::cli {
namespace {

struct ConvertOptions {
  std::string file;
  std::string out;
  std::string store = "plain";
  std::string architecture;
  std::string labels;
  std::string name;
  std::string title;
  std::string scale;
  std::string order;
  int size = 0;
  ReadingOptions reading;
  bool round = false;
  bool json = false;
};

Result<std::vector<std::string>> read_labels(const std::string& path) {
  if (path.empty()) return std::vector<std::string>{};
  const auto bytes = io::read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  return io::parse_labels(*bytes);
}

// Of the picture, where the file leaves it open.
int side_of(const ConvertOptions& options) { return options.size > 0 ? options.size : options.reading.crop; }

// The layers, labels and preprocessing of one file with the weights of another.
Result<nn::Model> with_weights(const ConvertOptions& options, std::span<const std::byte> bytes,
                               onnx::OpenReport& report) {
  onnx::OpenReport opened;
  auto model = load_model(options.architecture, opened, {.size = side_of(options)});
  if (!model) return model;
  opened.notices.clear();  // said
  report = std::move(opened);
  auto weights = io::fit_weights(bytes, *model->graph, &report.notices, model->epsilons);
  if (!weights) return std::unexpected(weights.error());
  model->title = "Weights of " + io::base_name(options.file) + " in the architecture of " + model->name;
  model->name = io::model_name_of(options.file);
  model->weights = std::move(*weights);
  model->provenance = "{}";
  return model;
}

Status run_convert(const ConvertOptions& options) {
  if (options.size > 0 && options.reading.crop > 0 && options.size != options.reading.crop)
    return fail("The side of the picture is said twice: --size " + std::to_string(options.size) + " and --crop " +
                std::to_string(options.reading.crop) + ".");
  auto labels = read_labels(options.labels);
  if (!labels) return std::unexpected(labels.error());
  auto bytes = io::read_file(options.file);
  if (!bytes) return std::unexpected(bytes.error());
  onnx::OpenReport report;
  auto model = options.architecture.empty()
                   ? open_model_at(options.file, *bytes, report, {.size = side_of(options), .labels = *labels})
                   : with_weights(options, *bytes, report);
  for (const std::string& notice : report.notices) std::cerr << "weightroom: " << notice << '\n';
  if (!model) return fail("'" + options.file + "': " + model.error().message());
  if (!options.name.empty()) model->name = options.name;
  if (!options.title.empty()) model->title = options.title;
  document::command::SetReading reading;
  if (!options.order.empty()) reading.order = options.order;
  if (!options.scale.empty()) reading.scale = options.scale;
  if (!options.architecture.empty() && options.size > 0) reading.size = options.size;
  model = document::with_reading(*model, reading);
  if (model) model = with_reading(*model, options.reading);
  if (model && !options.architecture.empty() && !labels->empty())
    model = document::with_labels(*model, std::move(*labels));
  if (!model) return std::unexpected(model.error());
  if (!options.scale.empty()) report.guessed_reading = false;
  tell_guesses(*model, report, options.reading);
  const auto way = way_of(options.out, options.round ? "fp16" : options.store);
  if (!way) return std::unexpected(way.error());
  const auto file = lab::saved_model(*model, io::tensors_of(*model), {}, *way);
  if (!file) return std::unexpected(file.error());
  if (auto written = io::write_file(options.out, *file); !written) return written;
  // Of what is in the file: rounding changes it.
  const auto stored = onnx::open_model(options.out, *file);
  if (!stored) return std::unexpected(stored.error());
  const std::string fingerprint = nn::fingerprint(*stored->graph, stored->weights);
  if (options.json) {
    print_json({{"model", model->name},
                {"fingerprint", fingerprint},
                {"weights", model->weights.size()},
                {"multiply_adds", static_cast<long long>(model->graph->multiply_adds())},
                {"bytes", file->size()},
                {"file", options.out}});
    return {};
  }
  std::cout << options.out << ": " << model->weights.size() << " weights, " << model->graph->multiply_adds() / 1e6
            << " million multiply-adds, fingerprint " << fingerprint.substr(0, 8) << '\n';
  return {};
}

}  // namespace

void add_convert(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("convert", "Turn a model into a file of another kind or size: ONNX, safetensors.");
  auto options = std::make_shared<ConvertOptions>();
  command
      ->add_option(
          "file", options->file,
          "ONNX file (opsets 7 to 26), a model file to write anew, or with\n--architecture bare weights (safetensors)")
      ->required();
  command->add_option("--out", options->out, "model file to write (safetensors or ONNX)")->required();
  command->add_option("--store", options->store, kStoreHelp)->capture_default_str();
  command->add_option("--architecture", options->architecture, "model or ONNX file whose layers the weights are for");
  command->add_option(
      "--labels", options->labels,
      "file with the classes' names: one a line, numbered lines, CSV, or a JSON or\nPython list or dict");
  command->add_option("--name", options->name, "the model's name (default: the file's)");
  command->add_option("--title", options->title, "one line on the model, for people");
  command->add_option("--size", options->size, "side of the picture where the ONNX file leaves it open (default 224)")
      ->check(CLI::Range(8, 4096));
  command->add_option("--scale", options->scale, "how pixels become numbers: imagenet, 0-1, -1-1 or 0-255")
      ->check(CLI::IsMember({"imagenet", "0-1", "-1-1", "0-255"}));
  command->add_option("--order", options->order, "the order of colours: rgb or bgr")
      ->check(CLI::IsMember({"rgb", "bgr"}));
  add_reading(*command, options->reading);
  command->add_flag("--half", options->round, "round the weights to fp16: half the size, another fingerprint");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_convert(*options); }; });
}

}  // namespace weightroom::cli
