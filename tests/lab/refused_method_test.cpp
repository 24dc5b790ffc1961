// A method that has no rule for an op of the model is refused by name, and never draws a map of its own.
#include <gmock/gmock.h>

#include "bench_model.h"
#include "studies/compare.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using ::testing::HasSubstr;
using testing::refusal;
using testing::run;
using testing::state_of;

// A softmax between two layers.
nn::Model gated_model() {
  nn::Model model = testing::small_model("gated");
  nn::GraphSpec spec = model.graph->spec();
  spec.nodes.insert(spec.nodes.end() - 1, {"gate", "softmax", {"flatten"}, {}});
  spec.nodes.back().inputs = {"gate"};
  model.graph = nn::Graph::build(spec).value();
  model.weights = nn::initial_weights(*model.graph, 7);
  return model;
}

TEST(RefusedMethod, IsNamedAndLeavesEverythingAsItWas) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"lrp"})");
  EXPECT_EQ(state_of(bench)["map"]["method"], "lrp");
  ASSERT_TRUE(bench.lab.open_file("gated.safetensors", io::write_model(gated_model())).has_value());
  bench.settle();
  EXPECT_NE(state_of(bench)["map"]["method"], "lrp") << "what a model refuses is not carried over to it";
  EXPECT_THAT(refusal(bench, R"({"command":"set_method","method":"lrp"})"),
              HasSubstr("LRP has no rule for 'gate' (softmax)"));
  run(bench, R"({"command":"set_method","method":"deep_lift"})");
  EXPECT_EQ(state_of(bench)["map"]["method"], "deep_lift");
}

// Where it stands in a list with others its map stays empty, and says why.
TEST(RefusedMethod, InAComparisonSaysWhy) {
  Bench bench;
  ASSERT_TRUE(bench.lab.open_file("gated.safetensors", io::write_model(gated_model())).has_value());
  bench.settle();
  run(bench, R"({"command":"set_compare","methods":["gradient","lrp"]})");
  run(bench, R"({"command":"open_page","page":"compare"})");
  const auto& tiles = bench.lab.engine().study().get<studies::Comparison>().tiles;
  ASSERT_EQ(tiles.size(), 2U);
  EXPECT_TRUE(tiles[0].explanation.note == std::nullopt);
  EXPECT_EQ(tiles[1].progress, 1.0);
  ASSERT_TRUE(tiles[1].explanation.note);
  EXPECT_THAT(tiles[1].explanation.note->said(), HasSubstr("'gate' (softmax)"));
  EXPECT_TRUE(tiles[1].map.empty());
}

}  // namespace
}  // namespace weightroom::lab
