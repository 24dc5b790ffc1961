// Whole nets: A, B and C of the benchmark against PyTorch (scripts/golden/record_nets.py), and the bits of these and of
// the shipped models, which are the same on every target.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/parallel.h"
#include "io/model_file.h"
#include "nn/session.h"
#include "support/bench_nets.h"
#include "timing/timing.h"

namespace weightroom::timing {
namespace {

using nlohmann::json;

std::string source_path(const std::string& name) { return std::string(WEIGHTROOM_SOURCE_DIR) + "/" + name; }

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const json& golden(const std::string& file) {
  static std::map<std::string, json> read;
  json& value = read[file];
  if (value.is_null()) value = json::parse(read_file(source_path("tests/golden/" + file)));
  return value;
}

// Tolerance: of the largest value.
void expect_sampled(std::span<const float> values, const json& expected, double tolerance) {
  ASSERT_EQ(values.size(), expected["size"].get<std::size_t>());
  const auto step = expected["step"].get<std::size_t>();
  const double most = tolerance * expected["largest"].get<double>();
  for (std::size_t i = 0; i < expected["values"].size(); ++i)
    ASSERT_NEAR(values[i * step], expected["values"][i].get<double>(), most) << "element " << i * step;
}

class BenchNet : public ::testing::TestWithParam<const char*> {};

TEST_P(BenchNet, AgreesWithPyTorch) {
  const json& expected = golden("nets.json")[GetParam()];
  const nn::Model model = test::bench_net(GetParam());
  nn::Session session(model.graph);
  session.set_weights(model.weights);
  session.set_input(test::bench_noise(model.graph->spec().input.size(), 7));
  const auto seed = nn::one_hot(1, model.graph->class_count(), 0);
  session.clear_d_weights();
  session.backward({.d_from = seed, .weights = true, .keep = {}});
  const auto logits = session.logits().values();
  ASSERT_EQ(logits.size(), expected["logits"].size());
  double largest = 0.0;
  for (const json& value : expected["logits"]) largest = std::max(largest, std::abs(value.get<double>()));
  for (std::size_t i = 0; i < logits.size(); ++i)
    ASSERT_NEAR(logits[i], expected["logits"][i].get<double>(), 1e-5 * largest) << "logit " << i;
  expect_sampled(session.d_activation(0).values(), expected["d_input"], 1e-4);
  expect_sampled(session.d_weights(), expected["d_weights"], 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Nets, BenchNet, ::testing::Values("A", "B", "C"),
                         [](const auto& info) { return std::string(info.param); });

class Bits : public ::testing::TestWithParam<const char*> {};

// Recorded once. The browser tests hold the page's engine to the same file.
TEST_P(Bits, AreThoseOfEveryTarget) {
  const std::string name = GetParam();
  nn::Model model;
  if (name.size() == 1) {
    model = test::bench_net(name);
  } else {
    const std::string bytes = read_file(source_path("assets/" + name + ".safetensors"));
    auto read = io::read_model(std::as_bytes(std::span(bytes)), name);
    ASSERT_TRUE(read.has_value()) << read.error().message();
    model = std::move(*read);
  }
  for (const int threads : {1, 2, 3}) {
    base::set_threads(threads);
    EXPECT_EQ(bench_digest(model), golden("bits.json").value(name, "")) << threads << " threads";
  }
  base::set_threads(1);
}

INSTANTIATE_TEST_SUITE_P(Models, Bits, ::testing::Values("everyday", "garments", "tinyvgg", "A", "B", "C"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace weightroom::timing
