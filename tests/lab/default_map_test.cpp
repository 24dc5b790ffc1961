// What a model is explained by where nobody has chosen: on the shipped models and samples that map finds what counts,
// and its places add up to the logit less the bias.
#include <cmath>

#include "bench_model.h"
#include "explain/reference_maps.h"
#include "explain/scores.h"
#include "io/file.h"
#include "studies/study.h"
#include "train/arch.h"

namespace weightroom::lab {
namespace {

using testing::Bench;
using testing::run;
using testing::state_of;

// The real models and samples.
struct Shipped : Bench {
  Shipped() {
    const std::string root = WEIGHTROOM_SOURCE_DIR;
    for (const ModelEntry& model : shipped_models())
      files[model.file] = io::read_file(root + "/assets/" + model.name + ".safetensors").value();
    for (const Sample& sample : samples())
      files[sample.file] = io::read_file(root + "/.toolchain/" + sample.file).value();
  }
  void open(const std::string& model, const std::string& sample) {
    run(*this, R"({"command":"open_model","name":")" + model + "\"}");
    run(*this, R"({"command":"open_sample","name":")" + sample + "\"}");
    const auto state = state_of(*this);
    EXPECT_EQ(state["model"]["name"], model);
    EXPECT_EQ(state["picture"]["name"], sample);
  }
};

constexpr std::pair<const char*, const char*> kShown[] = {
    {"everyday", "cat"}, {"tinyvgg", "coffee"}, {"garments", "trouser 1"}};

double sum_of(const std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  return sum;
}

TEST(DefaultMap, IsGradCamBehindTheLastConvolutionAndAddsUp) {
  Shipped bench;
  for (const auto& [model, sample] : kShown) {
    SCOPED_TRACE(std::string(model) + ", " + sample);
    bench.open(model, sample);
    const document::Document& document = bench.lab.document();
    const nn::Model& net = *document.model;
    // The nets end in: convolution, ReLU, mean over the map, flatten, linear.
    const auto& nodes = net.graph->nodes();
    const std::size_t end = nodes.size();
    ASSERT_EQ(nodes[end - 1].name, "fc");
    const nn::Node& relu = nodes[end - 4];
    const auto map = state_of(bench)["map"];
    EXPECT_EQ(map["method"], "grad_cam");
    EXPECT_EQ(map["layer"], relu.name);
    EXPECT_EQ(map["attribution_shape"], (nlohmann::json{1, relu.output.h(), relu.output.w()}));
    EXPECT_TRUE(map["adds_up"].get<bool>());
    EXPECT_FALSE(map["no_evidence"].get<bool>());
    const int bias = net.graph->find_weight("fc.bias");
    ASSERT_GE(bias, 0);
    const std::size_t offset = net.graph->weights()[static_cast<std::size_t>(bias)].offset;
    for (const int target : {0, net.graph->class_count() / 2, net.graph->class_count() - 1}) {
      run(bench, R"({"command":"set_target","target":)" + std::to_string(target) + "}");
      const Results& results = bench.lab.engine().results();
      const double logit = static_cast<double>(results.logits[static_cast<std::size_t>(target)]);
      const double less = logit - static_cast<double>(net.weights[offset + static_cast<std::size_t>(target)]);
      EXPECT_NEAR(sum_of(results.explanation.attribution.values), less, 1e-4) << target;
    }
    run(bench, R"({"command":"set_target","target":null})");
  }
}

double road_of(const Bench& bench, const std::vector<float>& map) {
  const document::Document& document = bench.lab.document();
  nn::Session session(document.model->graph);
  session.set_weights(document.model->weights);
  const explain::MethodInput input = explain::method_input(
      session, document.model->preprocessing, *document.picture->input, bench.lab.engine().results().target);
  explain::Curve curve;
  const explain::Trial trial{input, map, 32, 1};  // which the task goes on reading
  base::Task task = explain::removal_curve(trial, explain::Removal::road, curve);
  while (!task.step()) {
  }
  return explain::Curve::area(curve.probability);
}

TEST(DefaultMap, FindsWhatCounts) {
  Shipped bench;
  double found = 0.0;
  double random = 0.0;
  for (const auto& [model, sample] : kShown) {
    bench.open(model, sample);
    const explain::DisplayMap& map = bench.lab.engine().results().map;
    const double here = road_of(bench, map.values);
    double by_chance = 0.0;
    for (const std::uint64_t seed : {1U, 2U, 3U})
      by_chance += road_of(bench, explain::random_map(map.height, map.width, seed)) / 3.0;
    std::printf("%s, %s: ROAD %.3f, of a random map %.3f\n", model, sample, here, by_chance);
    found += here / std::size(kShown);
    random += by_chance / std::size(kShown);
  }
  std::printf("mean: ROAD %.3f, of a random map %.3f\n", found, random);
  EXPECT_LE(found, random - 0.2);
}

// A net of linear layers has no places.
nn::Model flat_model() {
  nn::Model model = testing::small_model("flat");
  const auto spec = train::parse_architecture("flatten; fc", {3, 16, 16}, 4);
  EXPECT_TRUE(spec.has_value());
  model.graph = nn::Graph::build(*spec).value();
  model.weights = nn::initial_weights(*model.graph, 7);
  return model;
}

TEST(DefaultMap, IsTheGradientOfANetWithoutMapsUnlessSomethingWasChosen) {
  Bench bench;
  EXPECT_EQ(state_of(bench)["map"]["method"], "grad_cam");
  ASSERT_TRUE(bench.open_file("flat.safetensors", io::write_model(flat_model())).has_value());
  bench.settle();
  auto state = state_of(bench);
  EXPECT_EQ(state["map"]["method"], "gradient");
  EXPECT_EQ(state["map"]["layer"], nullptr);
  EXPECT_FALSE(state["map"]["adds_up"].get<bool>());
  EXPECT_EQ(state["error"], "");
  EXPECT_GT(state["map"]["scale"].get<double>(), 0.0);
  ASSERT_TRUE(bench.open_file("small.safetensors", io::write_model(testing::small_model("small"))).has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["map"]["method"], "grad_cam");
  run(bench, R"({"command":"set_method","method":"lrp"})");
  for (const auto& bytes : {io::write_model(flat_model()), io::write_model(testing::small_model("small"))}) {
    ASSERT_TRUE(bench.open_file("next.safetensors", bytes).has_value());
    bench.settle();
    EXPECT_EQ(state_of(bench)["map"]["method"], "lrp") << "who has chosen keeps it";
  }
  run(bench, R"({"command":"set_method","method":"gradient"})");
  ASSERT_TRUE(bench.open_file("next.safetensors", io::write_model(testing::small_model("other"))).has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["map"]["method"], "gradient") << "also where another net would have begun with it";
}

}  // namespace
}  // namespace weightroom::lab
