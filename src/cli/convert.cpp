// weightroom convert: an ONNX file in, a model file out.
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "io/file.h"
#include "io/model_file.h"
#include "io/open_model.h"

namespace weightroom::cli {
namespace {

struct Options {
  std::string file;
  std::string out;
  std::string labels;
  std::string name;
  std::string title;
  std::string scale;
  int size = 0;
  bool round = false;
  bool json = false;
};

// One name a line.
Result<std::vector<std::string>> read_labels(const std::string& path) {
  std::vector<std::string> labels;
  if (path.empty()) return labels;
  const auto bytes = io::read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  std::string line;
  const auto end_line = [&] {
    const auto first = line.find_first_not_of(" \t\r");
    if (first != std::string::npos) labels.push_back(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
    line.clear();
  };
  for (const std::byte byte : *bytes) {
    const auto ch = static_cast<char>(byte);
    if (ch == '\n') {
      end_line();
    } else {
      line += ch;
    }
  }
  end_line();
  return labels;
}

void use_scale(const std::string& scale, nn::Preprocessing& preprocessing) {
  if (scale == "imagenet") preprocessing = {.mean = {0.485F, 0.456F, 0.406F}, .std = {0.229F, 0.224F, 0.225F}};
  if (scale == "0-1") preprocessing = {.mean = {0.0F, 0.0F, 0.0F}, .std = {1.0F, 1.0F, 1.0F}};
  if (scale == "-1-1") preprocessing = {.mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
}

Status run_convert(const Options& options) {
  auto labels = read_labels(options.labels);
  if (!labels) return std::unexpected(labels.error());
  auto bytes = io::read_file(options.file);
  if (!bytes) return std::unexpected(bytes.error());
  std::vector<std::string> notices;
  auto model = io::open_model(options.file, *bytes, &notices, {.size = options.size, .labels = std::move(*labels)});
  for (const std::string& notice : notices) std::cerr << "weightroom: " << notice << '\n';
  if (!model) return fail("'" + options.file + "': " + model.error().message);
  if (!options.name.empty()) model->name = options.name;
  if (!options.title.empty()) model->title = options.title;
  use_scale(options.scale, model->preprocessing);
  const auto file = io::write_model(*model, {.round_to_half = options.round});
  if (auto written = io::write_file(options.out, file); !written) return written;
  // Of what is in the file: rounding changes it.
  const auto stored = io::read_model(file, model->name);
  if (!stored) return std::unexpected(stored.error());
  const std::string fingerprint = nn::fingerprint(*stored->graph, stored->weights);
  if (options.json) {
    print_json({{"model", model->name},
                {"fingerprint", fingerprint},
                {"weights", model->weights.size()},
                {"multiply_adds", static_cast<long long>(model->graph->multiply_adds())},
                {"bytes", file.size()},
                {"file", options.out}});
    return {};
  }
  std::cout << options.out << ": " << model->weights.size() << " weights, " << model->graph->multiply_adds() / 1e6
            << " million multiply-adds, fingerprint " << fingerprint.substr(0, 8) << '\n';
  return {};
}

}  // namespace

void add_convert(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("convert", "Turn an ONNX model into a model file.");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "ONNX file (opsets 7 to 21), or a model file to write anew")->required();
  command->add_option("--out", options->out, "model file to write (safetensors)")->required();
  command->add_option("--labels", options->labels, "text file with the classes' names, one a line");
  command->add_option("--name", options->name, "the model's name (default: the file's)");
  command->add_option("--title", options->title, "one line on the model, for people");
  command->add_option("--size", options->size, "side of the picture where the ONNX file leaves it open (default 224)")
      ->check(CLI::Range(8, 4096));
  command->add_option("--scale", options->scale, "how pixels become numbers: imagenet, 0-1 or -1-1")
      ->check(CLI::IsMember({"imagenet", "0-1", "-1-1"}));
  command->add_flag("--half", options->round, "round the weights to fp16: half the size, another fingerprint");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_convert(*options); }; });
}

}  // namespace weightroom::cli
