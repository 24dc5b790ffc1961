// weightroom bench: how long a model takes on this machine.
#include <iomanip>
#include <iostream>
#include <memory>

#include "base/parallel.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "timing/ops.h"
#include "timing/timing.h"

namespace weightroom::cli {
namespace {

struct Options {
  std::string model = "everyday";
  timing::BenchOptions bench;
  int threads = 1;
  bool layers = false;
  bool ops = false;
  bool json = false;
};

std::string on_threads(int count) { return " on " + (count == 1 ? "one thread" : std::to_string(count) + " threads"); }

Status print_layers(const nn::Model& model, const Options& options) {
  const Json rows = timing::to_json(timing::bench_layers(model, options.bench), *model.graph, options.bench.batch);
  if (options.json) {
    print_json({{"model", model.name}, {"batch", options.bench.batch}, {"runs", options.bench.runs}, {"layers", rows}});
    return {};
  }
  std::cout << std::fixed << std::setprecision(3) << model.name << ", batch " << options.bench.batch << ", median of "
            << options.bench.runs << on_threads(options.threads) << ", milliseconds:\n"
            << std::left << std::setw(28) << "layer" << std::setw(16) << "op" << std::right << std::setw(10)
            << "forward" << std::setw(10) << "to input" << std::setw(10) << "to all" << std::setw(12) << "GMAC/s"
            << "\n";
  for (const Json& row : rows) {
    const double forward = row["forward_ms"];
    std::cout << std::left << std::setw(28) << row["layer"].get<std::string>() << std::setw(16)
              << row["op"].get<std::string>() << std::right << std::setw(10) << forward << std::setw(10)
              << row["input_gradient_ms"].get<double>() << std::setw(10) << row["all_gradients_ms"].get<double>()
              << std::setw(12) << (forward > 0.0 ? row["multiply_adds"].get<double>() / forward / 1e6 : 0.0) << "\n";
  }
  return {};
}

void print_ops(const Options& options) {
  const Json rows = timing::time_ops(options.bench.runs);
  if (options.json) return print_json({{"runs", options.bench.runs}, {"ops", rows}});
  std::cout
      << std::fixed << std::setprecision(2)
      << "Nanoseconds a value on one thread, and how many times relu's; gradients once the forward pass is done:\n"
      << std::left << std::setw(18) << "op" << std::setw(24) << "" << std::right << std::setw(9) << "forward"
      << std::setw(9) << "x relu" << std::setw(10) << "to input" << std::setw(9) << "x relu" << std::setw(9)
      << "to all\n";
  for (const Json& row : rows) {
    std::cout << std::left << std::setw(18) << row["op"].get<std::string>() << std::setw(24)
              << row["how"].get<std::string>() << std::right << std::setw(9) << row["forward_ns"].get<double>()
              << std::setw(9) << row["forward_of_relu"].get<double>() << std::setw(10)
              << row["input_gradient_ns"].get<double>() << std::setw(9) << row["input_gradient_of_relu"].get<double>()
              << std::setw(9) << row["all_gradients_ns"].get<double>() << "\n";
  }
}

Status run_bench(const Options& options) {
  if (options.ops) {
    base::set_threads(1);
    print_ops(options);
    return {};
  }
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  base::set_threads(options.threads);
  if (options.layers) return print_layers(*model, options);
  const timing::BenchTimings timings = timing::bench(*model, options.bench);
  if (options.json) {
    Json answer{{"model", model->name},
                {"fingerprint", nn::fingerprint(*model->graph, model->weights)},
                {"multiply_adds", static_cast<long long>(model->graph->multiply_adds())},
                {"batch", options.bench.batch},
                {"runs", options.bench.runs},
                {"threads", options.threads},
                {"digest", timing::bench_digest(*model)}};
    answer.update(timing::to_json(timings));
    print_json(std::move(answer));
    return {};
  }
  std::cout << std::fixed << std::setprecision(3) << model->name << ", batch " << options.bench.batch << ", median of "
            << options.bench.runs << on_threads(options.threads) << ":\n"
            << "  forward                        " << timings.forward << " ms\n"
            << "  gradient of the input          " << timings.input_gradient << " ms\n"
            << "  gradient of input and weights  " << timings.all_gradients << " ms\n"
            << "  training step                  " << timings.step << " ms\n"
            << "  edit to new bars and map       " << timings.edit << " ms\n"
            << "  memory held                    " << static_cast<double>(timings.held_bytes) / 1e6 << " MB, "
            << static_cast<double>(timings.held_bytes) / static_cast<double>(timings.needed_bytes)
            << " of activations, weights and gradients\n";
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("bench", "Time a model on this machine.");
  auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  command->add_option("--runs", options->bench.runs, "runs of which the median is taken")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--batch", options->bench.batch, "pictures a pass")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "that a pass may use; they change no bit")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_flag("--layers", options->layers, "each layer's forward and backward pass instead");
  command->add_flag("--ops", options->ops, "every op by itself instead, in nanoseconds a value; no model is read");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace weightroom::cli
