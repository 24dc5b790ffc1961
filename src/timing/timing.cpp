#include "timing/timing.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>

#include "base/hash.h"
#include "base/rng.h"
#include "explain/display.h"
#include "nn/session.h"

namespace weightroom::timing {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> times) {
  if (times.empty()) return 0.0;
  std::ranges::nth_element(times, times.begin() + static_cast<long>(times.size() / 2));
  return times[times.size() / 2];
}

// Of so many timings, in milliseconds.
struct Times {
  double median = 0.0;
  double fastest = 0.0;
};

// A browser's clock may tick in tenths of a millisecond only: what is short
// is repeated within one timing.
template <class Work>
Times times_of(int runs, Work work) {
  constexpr double kLongEnough = 10.0;
  std::vector<double> times;
  int done = 0;
  int repeats = 1;
  while (done < runs || times.empty()) {
    const auto start = Clock::now();
    for (int i = 0; i < repeats; ++i) work(done++);
    const double time = milliseconds_since(start);
    times.push_back(time / repeats);
    if (time < kLongEnough) repeats = std::clamp(static_cast<int>(kLongEnough / std::max(times.back(), 1e-3)), 1, 1000);
  }
  if (times.size() > 2) times.erase(times.begin());  // the first is a warm-up
  return {.median = median(times), .fastest = *std::ranges::min_element(times)};
}
template <class Work>
double median_ms(int runs, Work work) {
  return times_of(runs, work).median;
}

// Mean without the tenth at either end: finer than the ticks of the clock where a median is not.
double trimmed_mean(std::vector<double> times) {
  if (times.empty()) return 0.0;
  std::ranges::sort(times);
  const auto cut = static_cast<std::ptrdiff_t>(times.size() / 10);
  const auto middle =
      std::span(times).subspan(static_cast<std::size_t>(cut), times.size() - 2 * static_cast<std::size_t>(cut));
  return std::accumulate(middle.begin(), middle.end(), 0.0) / static_cast<double>(middle.size());
}

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
  int pictures = 0;

  Bench(const nn::Model& m, int batch)
      : model(m),
        session(m.graph, m.weights, {.batch = batch}),
        input(m.graph->spec().input.size() * static_cast<std::size_t>(batch)),
        seed(nn::one_hot(batch, m.graph->class_count(), 0)) {
    base::Rng rng(1, "bench");
    for (float& value : input) value = static_cast<float>(rng.normal());
    session.set_input(input);
    session.forward();
  }

  // Another picture at each call: what has the last one has nothing to do.
  void change_input() {
    input[0] = static_cast<float>(++pictures);
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

}  // namespace

BenchTimings bench(const nn::Model& model, const BenchOptions& options) {
  Bench bench(model, options.batch);
  nn::Session& session = bench.session;
  const int runs = options.runs;
  BenchTimings timings;
  const Times forward = times_of(runs, [&](int) {
    bench.change_input();
    session.forward();
  });
  timings.forward = forward.median;
  timings.fastest_forward = forward.fastest;
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
  timings.weight_gradient = median_ms(runs, [&](int) { session.backward(bench.request(false, true)); });
  timings.all_gradients = median_ms(runs, [&](int) { session.backward(bench.request(true, true)); });
  std::vector<float> weights = model.weights.copy();
  timings.step = median_ms(runs, [&](int) {
    bench.change_input();
    session.clear_d_weights();
    session.backward(bench.request(false, true));
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= 1e-6F * session.d_weights()[i];
    session.set_weights(weights);
  });
  timings.held_bytes = session.held_bytes();
  timings.needed_bytes = needed_bytes(*model.graph, options.batch);
  return timings;
}

nlohmann::ordered_json to_json(const BenchTimings& timings) {
  return {{"forward_ms", timings.forward},
          {"fastest_forward_ms", timings.fastest_forward},
          {"input_gradient_ms", timings.input_gradient},
          {"weight_gradient_ms", timings.weight_gradient},
          {"all_gradients_ms", timings.all_gradients},
          {"step_ms", timings.step},
          {"edit_ms", timings.edit},
          {"held_bytes", timings.held_bytes},
          {"needed_bytes", timings.needed_bytes}};
}

std::string bench_digest(const nn::Model& model) {
  Bench bench(model, 1);
  nn::Session& session = bench.session;
  base::Sha256 hash;
  std::vector<float> weights = model.weights.copy();
  for (int step = 0; step < 3; ++step) {
    session.clear_d_weights();
    session.backward(bench.request(true, true));
    hash.update(session.logits().values());
    hash.update(session.d_activation(0).values());
    hash.update(session.d_weights());
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= 1e-3F * session.d_weights()[i];
    session.set_weights(weights);
  }
  session.forward();
  hash.update(session.logits().values());
  return hash.finish_hex();
}

std::vector<LayerTiming> bench_layers(const nn::Model& model, const BenchOptions& options) {
  Bench bench(model, options.batch);
  const auto& nodes = model.graph->nodes();
  using Times = std::vector<std::vector<double>>;  // of each node, of each run
  Times forward(nodes.size());
  Times to_input(nodes.size());
  Times to_all(nodes.size());
  for (int run = 0; run < options.runs; ++run) {
    bench.change_input();
    for (std::size_t node = 1; node < nodes.size(); ++node) {
      const auto start = Clock::now();
      while (!bench.session.current_through(static_cast<int>(node))) bench.session.forward_step();
      forward[node].push_back(milliseconds_since(start));
    }
    time_backward(bench, bench.request(true, false), to_input);
    time_backward(bench, bench.request(true, true), to_all);
  }
  std::vector<LayerTiming> layers;
  for (std::size_t node = 1; node < nodes.size(); ++node) {
    layers.push_back({.node = static_cast<int>(node),
                      .forward = trimmed_mean(forward[node]),
                      .input_gradient = trimmed_mean(to_input[node]),
                      .all_gradients = trimmed_mean(to_all[node])});
  }
  return layers;
}

nlohmann::ordered_json to_json(const std::vector<LayerTiming>& layers, const nn::Graph& graph, int batch) {
  auto rows = nlohmann::ordered_json::array();
  for (const LayerTiming& layer : layers) {
    const nn::Node& node = graph.nodes()[static_cast<std::size_t>(layer.node)];
    rows.push_back({{"layer", node.name},
                    {"op", node.op->name},
                    {"multiply_adds", static_cast<long long>(node.multiply_adds * batch)},
                    {"forward_ms", layer.forward},
                    {"input_gradient_ms", layer.input_gradient},
                    {"all_gradients_ms", layer.all_gradients}});
  }
  return rows;
}

}  // namespace weightroom::timing
