// weightroom bench: how long a model takes on this machine, on one thread.
#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>

#include "base/rng.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "explain/display.h"

namespace weightroom::cli {
namespace {

struct Options {
  std::string model = "everyday";
  int runs = 50;
  bool json = false;
};

// Median of so many timings, in milliseconds.
template <class Work>
double median_ms(int runs, Work work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(i);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(times, times.begin() + static_cast<long>(times.size() / 2));
  return times[times.size() / 2];
}

struct Timings {
  double forward = 0.0;
  double input_gradient = 0.0;
  double weight_gradient = 0.0;
  double edit = 0.0;  // a first-layer weight changed: forward, gradient and map, as the page does at every drag
};

Timings measure(const nn::Model& model, int runs) {
  const nn::Graph& graph = *model.graph;
  nn::Session session = open_session(model);
  base::Rng rng(1, "bench");
  std::vector<float> input(graph.spec().input.size());
  for (float& value : input) value = static_cast<float>(rng.normal());
  session.set_input(input);
  session.forward();
  const std::vector<float> seed = nn::one_hot(1, graph.class_count(), 0);
  nn::BackwardRequest to_input;
  to_input.d_from = seed;
  nn::BackwardRequest to_weights = to_input;
  to_weights.input = false;
  to_weights.weights = true;

  Timings timings;
  timings.forward = median_ms(runs, [&](int run) {
    input[0] = static_cast<float>(run);
    session.set_input(input);
    session.forward();
  });
  timings.input_gradient = median_ms(runs, [&](int) { session.backward(to_input); });
  timings.weight_gradient = median_ms(runs, [&](int) { session.backward(to_weights); });
  std::vector<float> weight{model.weights[0]};
  const nn::Shape& shape = graph.spec().input;
  timings.edit = median_ms(runs, [&](int run) {
    weight[0] = model.weights[0] + 0.001F * static_cast<float>(run + 1);
    session.set_weights(weight);
    session.backward(to_input);  // brings the forward up to date first
    const auto gradient = session.d_activation(0).values();
    (void)explain::display_map({shape, {gradient.begin(), gradient.end()}}, shape[1], shape[2]);
  });
  return timings;
}

Status run_bench(const Options& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const Timings timings = measure(*model, options.runs);
  if (options.json) {
    print_json({{"model", model->name},
                {"fingerprint", nn::fingerprint(*model->graph, model->weights)},
                {"multiply_adds", static_cast<long long>(model->graph->multiply_adds())},
                {"runs", options.runs},
                {"forward_ms", timings.forward},
                {"input_gradient_ms", timings.input_gradient},
                {"weight_gradient_ms", timings.weight_gradient},
                {"edit_ms", timings.edit}});
    return {};
  }
  std::cout << std::fixed << std::setprecision(3) << model->name << ", median of " << options.runs
            << " on one thread:\n"
            << "  forward                        " << timings.forward << " ms\n"
            << "  gradient of the input          " << timings.input_gradient << " ms\n"
            << "  gradient of all weights        " << timings.weight_gradient << " ms\n"
            << "  edit to new bars and map       " << timings.edit << " ms\n";
  return {};
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("bench", "Time a model on this machine.");
  auto options = std::make_shared<Options>();
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  command->add_option("--runs", options->runs, "runs of which the median is taken")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace weightroom::cli
