// The engine alone, without page or command line, for web/bench: it opens a model and times it beside other engines.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/parallel.h"
#include "nn/kernels/peak.h"
#include "nn/session.h"
#include "onnx/open_model.h"
#include "timing/timing.h"

namespace weightroom::timing {
namespace {

using json = nlohmann::ordered_json;

nn::Model& model() {
  static nn::Model opened;
  return opened;
}

json open(const std::string& name, std::span<const std::byte> bytes) {
  auto opened = onnx::open_model(name, bytes);
  if (!opened) return {{"error", opened.error().message()}};
  model() = std::move(*opened);
  const nn::Graph& graph = *model().graph;
  return {{"fingerprint", nn::fingerprint(graph, model().weights)},
          {"multiply_adds", graph.multiply_adds()},
          {"weights", graph.weight_count()}};
}

// Logits of one picture, and the gradient of the first by the picture: what the other engines' are compared with.
json answer(std::span<const float> input) {
  nn::Session session(model().graph, model().weights, {});
  if (input.size() != session.input().size()) return {{"error", "the picture has another size than the model's input"}};
  session.set_input(input);
  nn::BackwardRequest request;
  const std::vector<float> seed = nn::one_hot(1, model().graph->class_count(), 0);
  request.d_from = seed;
  session.backward(request);
  const auto logits = session.logits().values();
  const auto gradient = session.d_activation(0).values();
  return {{"logits", std::vector<float>(logits.begin(), logits.end())},
          {"gradient", std::vector<float>(gradient.begin(), gradient.end())}};
}

json carry_out(const json& request, std::span<const std::byte> bytes) {
  const std::string command = request.at("command");
  base::set_threads(request.value("threads", 1));
  const BenchOptions options{.batch = request.value("batch", 1), .runs = request.value("runs", 1)};
  if (command == "open") return open(request.at("name"), bytes);
  if (command == "peak") return {{"gflops", nn::kernels::measure_peak()}};
  if (!model().graph) return {{"error", "no model is open"}};
  if (command == "time") return to_json(bench(model(), options));
  if (command == "layers") return to_json(bench_layers(model(), options), *model().graph, options.batch);
  if (command == "digest") return {{"digest", bench_digest(model())}};
  if (command == "answer") {
    return answer({reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)});
  }
  return {{"error", "there is no command " + command}};
}

}  // namespace
}  // namespace weightroom::timing

// request: JSON {"command": "open" | "time" | "layers" | "answer" | "digest" | "peak", "threads": 1, ...}; bytes: a
// model file, or the floats of a picture. The result is JSON too, good until the next call.
extern "C" const char* weightroom_bench(const char* request, const std::uint8_t* bytes, std::size_t size) {
  static std::string result;
  try {
    result =
        weightroom::timing::carry_out(nlohmann::ordered_json::parse(request), std::as_bytes(std::span(bytes, size)))
            .dump();
  } catch (const nlohmann::json::exception& e) {
    result = nlohmann::ordered_json{{"error", e.what()}}.dump();
  }
  return result.c_str();
}

int main() { return 0; }
