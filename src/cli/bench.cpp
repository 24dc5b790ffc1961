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

using Clock = std::chrono::steady_clock;

struct Options {
  std::string model = "everyday";
  int runs = 50;
  int batch = 1;
  bool layers = false;
  bool json = false;
};

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> times) {
  std::ranges::nth_element(times, times.begin() + static_cast<long>(times.size() / 2));
  return times[times.size() / 2];
}

// Median of so many timings, in milliseconds.
template <class Work>
double median_ms(int runs, Work work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    work(i);
    times.push_back(milliseconds_since(start));
  }
  return median(std::move(times));
}

// Medians in milliseconds. A gradient is the backward pass alone, its forward pass done.
struct Timings {
  double forward = 0.0;
  double input_gradient = 0.0;
  double all_gradients = 0.0;  // by the input and by all weights
  double step = 0.0;           // forward, then the gradient of all weights: a training step without its optimizer
  double edit = 0.0;  // a first-layer weight changed: forward, gradient and map, as the page does at every drag
  std::size_t held_bytes = 0;
  std::size_t needed_bytes = 0;
};

// What no backward pass can do without: every activation, the weights and their gradients, and the gradients on either
// side of the layer where those are largest.
std::size_t needed_bytes(const nn::Graph& graph, int batch) {
  std::size_t floats = 2 * graph.weight_count();
  std::size_t largest = 0;
  const auto size = [&](int node) { return graph.output_shape(node, batch).size(); };
  for (int node = 0; node < static_cast<int>(graph.nodes().size()); ++node) {
    floats += size(node);
    for (int input : graph.nodes()[static_cast<std::size_t>(node)].inputs)
      largest = std::max(largest, size(node) + size(input));
  }
  return (floats + largest) * sizeof(float);
}

// A session with a picture of noise in it, and what it takes to ask for gradients.
struct Bench {
  const nn::Model& model;
  nn::Session session;
  std::vector<float> input;
  std::vector<float> seed;

  Bench(const nn::Model& m, int batch)
      : model(m),
        session(m.graph, {.batch = batch}),
        input(m.graph->spec().input.size() * static_cast<std::size_t>(batch)),
        seed(nn::one_hot(batch, m.graph->class_count(), 0)) {
    base::Rng rng(1, "bench");
    for (float& value : input) value = static_cast<float>(rng.normal());
    session.set_weights(model.weights);
    session.set_input(input);
    session.forward();
  }

  void change_input(int run) {
    input[0] = static_cast<float>(run);
    session.set_input(input);
  }
  [[nodiscard]] nn::BackwardRequest request(bool to_input, bool to_weights) const {
    nn::BackwardRequest request;
    request.d_from = seed;
    request.input = to_input;
    request.weights = to_weights;
    return request;
  }
};

Timings measure(const nn::Model& model, const Options& options) {
  Bench bench(model, options.batch);
  nn::Session& session = bench.session;
  const int runs = options.runs;
  Timings timings;
  timings.forward = median_ms(runs, [&](int run) {
    bench.change_input(run);
    session.forward();
  });
  timings.input_gradient = median_ms(runs, [&](int) { session.backward(bench.request(true, false)); });
  std::vector<float> weight{model.weights[0]};
  const nn::Shape& shape = model.graph->spec().input;
  timings.edit = median_ms(runs, [&](int run) {
    weight[0] = model.weights[0] + 0.001F * static_cast<float>(run + 1);
    session.set_weights(weight);
    session.backward(bench.request(true, false));  // brings the forward up to date first
    const auto gradient = session.d_activation(0).values().first(shape.size());
    (void)explain::display_map({shape, {gradient.begin(), gradient.end()}}, shape[1], shape[2]);
  });
  timings.all_gradients = median_ms(runs, [&](int) { session.backward(bench.request(true, true)); });
  timings.step = median_ms(runs, [&](int run) {
    bench.change_input(run);
    session.backward(bench.request(false, true));
  });
  timings.held_bytes = session.held_bytes();
  timings.needed_bytes = needed_bytes(*model.graph, options.batch);
  return timings;
}

struct LayerTimings {
  std::vector<std::vector<double>> forward, to_input, to_all;  // of each node, of each run
};

// Each node's part of a backward pass, by the clock between the nodes.
void time_backward(Bench& bench, nn::BackwardRequest request, std::vector<std::vector<double>>& times) {
  const auto& nodes = bench.model.graph->nodes();
  std::size_t last = 0;
  auto start = Clock::now();
  const nn::BackwardRule watch = [&](const nn::Node& node, const nn::BackwardArgs&) {
    if (last > 0) times[last].push_back(milliseconds_since(start));
    last = static_cast<std::size_t>(&node - nodes.data());
    start = Clock::now();
    return false;
  };
  request.rule = &watch;
  bench.session.backward(request);
  if (last > 0) times[last].push_back(milliseconds_since(start));
}

LayerTimings measure_layers(const nn::Model& model, const Options& options) {
  Bench bench(model, options.batch);
  const auto& nodes = model.graph->nodes();
  const std::vector<std::vector<double>> none(nodes.size());
  LayerTimings layers{none, none, none};
  for (int run = 0; run < options.runs; ++run) {
    bench.change_input(run);
    for (std::size_t node = 1; node < nodes.size(); ++node) {
      const auto start = Clock::now();
      bench.session.forward_step();
      layers.forward[node].push_back(milliseconds_since(start));
    }
    time_backward(bench, bench.request(true, false), layers.to_input);
    time_backward(bench, bench.request(true, true), layers.to_all);
  }
  return layers;
}

Status print_layers(const nn::Model& model, const Options& options) {
  const LayerTimings layers = measure_layers(model, options);
  const auto& nodes = model.graph->nodes();
  const auto of = [](const std::vector<double>& times) { return times.empty() ? 0.0 : median(times); };
  Json rows = Json::array();
  for (std::size_t node = 1; node < nodes.size(); ++node) {
    rows.push_back({{"layer", nodes[node].name},
                    {"op", nodes[node].op->name},
                    {"multiply_adds", static_cast<long long>(nodes[node].multiply_adds * options.batch)},
                    {"forward_ms", of(layers.forward[node])},
                    {"input_gradient_ms", of(layers.to_input[node])},
                    {"all_gradients_ms", of(layers.to_all[node])}});
  }
  if (options.json) {
    print_json({{"model", model.name}, {"batch", options.batch}, {"runs", options.runs}, {"layers", rows}});
    return {};
  }
  std::cout << std::fixed << std::setprecision(3) << model.name << ", batch " << options.batch << ", median of "
            << options.runs << " on one thread, milliseconds:\n"
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

Status run_bench(const Options& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  if (options.layers) return print_layers(*model, options);
  const Timings timings = measure(*model, options);
  if (options.json) {
    print_json({{"model", model->name},
                {"fingerprint", nn::fingerprint(*model->graph, model->weights)},
                {"multiply_adds", static_cast<long long>(model->graph->multiply_adds())},
                {"batch", options.batch},
                {"runs", options.runs},
                {"forward_ms", timings.forward},
                {"input_gradient_ms", timings.input_gradient},
                {"all_gradients_ms", timings.all_gradients},
                {"step_ms", timings.step},
                {"edit_ms", timings.edit},
                {"held_bytes", timings.held_bytes},
                {"needed_bytes", timings.needed_bytes}});
    return {};
  }
  std::cout << std::fixed << std::setprecision(3) << model->name << ", batch " << options.batch << ", median of "
            << options.runs << " on one thread:\n"
            << "  forward                        " << timings.forward << " ms\n"
            << "  gradient of the input          " << timings.input_gradient << " ms\n"
            << "  gradient of input and weights  " << timings.all_gradients << " ms\n"
            << "  forward and weight gradient    " << timings.step << " ms\n"
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
  command->add_option("--runs", options->runs, "runs of which the median is taken")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--batch", options->batch, "pictures a pass")->check(CLI::Range(1, 1024))->capture_default_str();
  command->add_flag("--layers", options->layers, "each layer's forward and backward pass instead");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace weightroom::cli
