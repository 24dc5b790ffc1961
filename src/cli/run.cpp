// weightroom run: tensors in, logits (and gradients) out, for other programs to compare with.
#include <iostream>
#include <memory>
#include <optional>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "io/file.h"
#include "io/labels.h"
#include "io/safetensors.h"
#include "nn/answer.h"

namespace weightroom::cli {
namespace {

struct RunOptions {
  std::string model;
  std::string input;
  std::string out;
  std::optional<std::string> grad;  // a class; none: no gradients
  bool json = false;
};

std::vector<std::uint64_t> shape_of(std::span<const int> extents) { return {extents.begin(), extents.end()}; }

Status run_model(const RunOptions& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const auto input = load_input(*model, options.input);
  if (!input) return std::unexpected(input.error());
  const bool wants_gradient = options.grad.has_value();
  const auto target = wants_gradient ? io::find_class(model->labels, *options.grad) : Result<int>(0);
  if (!target) return std::unexpected(target.error());

  // Sample by sample: the memory of one, whatever N; a sample's bits do not depend on the batch it comes in.
  const nn::Graph& graph = *model->graph;
  nn::Session session = open_session(*model);
  const std::size_t size = graph.spec().input.size();
  const std::vector<float> seed = nn::one_hot(1, graph.class_count(), *target);
  std::vector<float> logits;
  std::vector<float> probabilities;
  std::vector<float> d_input;
  for (int n = 0; n < input->count; ++n) {
    session.set_input(std::span(input->values).subspan(static_cast<std::size_t>(n) * size, size));
    session.forward();
    const auto row = session.logits().values();
    logits.insert(logits.end(), row.begin(), row.end());
    const std::vector<float> shares = nn::probabilities(graph.answer(), row);
    probabilities.insert(probabilities.end(), shares.begin(), shares.end());
    if (!wants_gradient) continue;
    nn::BackwardRequest request;
    request.d_from = seed;
    request.weights = true;
    session.backward(request);
    const auto gradient = session.d_activation(0).values();
    d_input.insert(d_input.end(), gradient.begin(), gradient.end());
  }

  const auto count = static_cast<std::uint64_t>(input->count);
  const std::vector<std::uint64_t> rows{count, static_cast<std::uint64_t>(graph.class_count())};
  std::vector<io::SafetensorsOutput> tensors{{"logits", io::Dtype::f32, rows, logits},
                                             {"probabilities", io::Dtype::f32, rows, probabilities}};
  if (wants_gradient) {
    std::vector<std::uint64_t> shape = shape_of(graph.spec().input.extents());
    shape.insert(shape.begin(), count);
    tensors.push_back({"grad.input", io::Dtype::f32, std::move(shape), d_input});
    for (const nn::GraphWeight& weight : graph.weights()) {
      if (!weight.trainable) continue;
      tensors.push_back({"grad." + weight.name, io::Dtype::f32, shape_of(weight.shape.extents()),
                         session.d_weights().subspan(weight.offset, weight.shape.size())});
    }
  }
  const std::size_t written_tensors = tensors.size();
  if (auto written = io::write_file(options.out, io::write_safetensors(std::move(tensors), {})); !written)
    return written;
  if (options.json) {
    print_json({{"model", model->name},
                {"fingerprint", nn::fingerprint(graph, model->weights)},
                {"count", input->count},
                {"tensors", written_tensors},
                {"file", options.out}});
  } else {
    std::cout << options.out << ": " << written_tensors << " tensor(s), " << input->count << " sample(s)\n";
  }
  return {};
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("run", "Run a model on a tensor and write the logits, or gradients too.");
  auto options = std::make_shared<RunOptions>();
  command->add_option("model,--model", options->model, "a shipped model's name, or a model file")->required();
  command
      ->add_option("--input", options->input,
                   "safetensors file with the tensor 'input' (N,C,H,W), as the model sees it")
      ->required();
  command->add_option("--output,--out", options->out, "safetensors file to write: logits and probabilities (N,classes)")
      ->required();
  command->add_option(
      "--grad", options->grad,
      "class, by label or number: also grad.input and grad.NAME of its logit, for weights the sum over N");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_model(*options); }; });
}

}  // namespace weightroom::cli
