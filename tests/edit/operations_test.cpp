#include <cmath>
#include <set>

#include "base/statistics.h"
#include "edit/edit_testing.h"

namespace weightroom::edit {
namespace {

using testing::Bench;
using testing::Edit;

class EveryOperation : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static Edit edit(const std::string& region) {
    const OperationDef& operation = *find_operation(GetParam());
    return {.operation = GetParam(), .region = region, .source = operation.takes_source ? "conv2.weight[0:2]" : ""};
  }
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const OperationDef& operation : operations()) all.emplace_back(operation.name);
  return all;
}

TEST_P(EveryOperation, ChangesItsRegionAlone) {
  Bench bench;
  const auto before = bench.net.weights;
  const auto words = bench.run(edit("conv2.weight[3:5]"));
  ASSERT_TRUE(words.has_value()) << words.error().message();
  EXPECT_TRUE(words->starts_with("conv2.weight[3:5]: ")) << *words;
  const nn::GraphWeight& tensor =
      bench.net.graph->weights()[static_cast<std::size_t>(bench.net.graph->find_weight("conv2.weight"))];
  const bool swaps = GetParam() == "swap";
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t element = i - tensor.offset;
    const bool in = i >= tensor.offset && element < tensor.shape.size() &&
                    ((element >= 135 && element < 225) || (swaps && element < 90));
    if (!in) EXPECT_EQ(bench.net.weights[i], before[i]) << i;
    EXPECT_TRUE(std::isfinite(bench.net.weights[i]));
  }
}

TEST_P(EveryOperation, GivesTheSameBytesAgain) {
  Bench a;
  Bench b;
  ASSERT_TRUE(a.run(edit("conv2.weight[3:5]")).has_value());
  ASSERT_TRUE(b.run(edit("conv2.weight[3:5]")).has_value());
  EXPECT_EQ(a.net.weights, b.net.weights);
  EXPECT_EQ(a.loaded, b.loaded) << "nothing but the weights in use is changed";
}

TEST_P(EveryOperation, TakesTheEndsOfItsParameters) {
  const OperationDef& operation = *find_operation(GetParam());
  for (const base::ParamSpec& spec : operation.params) {
    for (const double value : {spec.minimum, spec.maximum}) {
      Bench bench;
      Edit asked = edit("conv2.weight[3:5]");
      asked.params[std::string(spec.name)] = value;
      const auto words = bench.run(asked);
      ASSERT_TRUE(words.has_value()) << spec.name << " " << value << ": " << words.error().message();
      for (const float w : bench.net.weights) ASSERT_TRUE(std::isfinite(w));
    }
    Bench bench;
    Edit asked = edit("conv2.weight[3:5]");
    for (const double value : {spec.minimum - 1.0, spec.maximum + 1.0, std::nan("")}) {
      asked.params[std::string(spec.name)] = value;
      EXPECT_FALSE(bench.run(asked).has_value());
    }
    EXPECT_EQ(bench.net.weights, bench.loaded);
  }
}

TEST_P(EveryOperation, IsDescribed) {
  const OperationDef& operation = *find_operation(GetParam());
  EXPECT_TRUE(tr(operation.summary).ends_with('.'));
  EXPECT_FALSE(tr(operation.title).empty());
  EXPECT_NE(operation.words, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryOperation, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

TEST(Operation, Arithmetic) {
  Bench bench;
  const auto before = bench.tensor("conv1.weight");
  const auto expect = [&](const Edit& edit, const auto& formula) {
    bench.net.weights = bench.loaded;
    ASSERT_TRUE(bench.run(edit).has_value());
    const auto now = bench.tensor("conv1.weight");
    for (std::size_t i = 0; i < now.size(); ++i) EXPECT_EQ(now[i], formula(before[i])) << edit.operation;
  };
  expect({"set", "conv1", {{"value", -1.5}}}, [](float) { return -1.5F; });
  expect({"scale", "conv1", {{"factor", 0.5}}}, [](float w) { return 0.5F * w; });
  expect({"shift", "conv1", {{"by", 0.25}}}, [](float w) { return w + 0.25F; });
  expect({"zero", "conv1"}, [](float) { return 0.0F; });
  expect({"negate", "conv1"}, [](float w) { return -w; });
  expect({"clamp", "conv1", {{"limit", 0.1}}}, [](float w) { return std::min(0.1F, std::max(-0.1F, w)); });
}

TEST(Operation, OverflowIsRefusedAndChangesNothing) {
  Bench bench;
  bench.at("conv1.weight[0,0,0,0]") = 3e38F;
  const auto before = bench.net.weights;
  const auto refused = bench.run({"scale", "all", {{"factor", 10.0}}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message().find("too large"), std::string::npos);
  EXPECT_EQ(bench.net.weights, before);
}

TEST(Noise, IsInProportionToTheSpreadAndOfItsPlace) {
  Bench bench;
  ASSERT_TRUE(bench.run({"noise", "fc1.weight", {{"amount", 0.5}, {"seed", 4}}}).has_value());
  auto changed = bench.tensor("fc1.weight");
  const auto before = bench.net.slice(bench.loaded, "fc1.weight");
  for (std::size_t i = 0; i < changed.size(); ++i) changed[i] -= before[i];
  EXPECT_NEAR(base::deviation(changed), 0.5 * base::deviation(before), 0.1 * base::deviation(before));
  // The same noise, wherever it stands in a selection.
  Bench part;
  ASSERT_TRUE(part.run({"noise", "fc1.weight[3]", {{"amount", 0.5}, {"seed", 4}}}).has_value());
  EXPECT_EQ(part.at("fc1.weight[3,5]"), bench.at("fc1.weight[3,5]"));
  Bench other;
  ASSERT_TRUE(other.run({"noise", "fc1.weight", {{"amount", 0.5}, {"seed", 5}}}).has_value());
  EXPECT_NE(other.tensor("fc1.weight"), bench.tensor("fc1.weight"));
}

TEST(Shuffle, KeepsTheValues) {
  Bench bench;
  ASSERT_TRUE(bench.run({"shuffle", "conv1.weight[:,1];fc2"}).has_value());
  for (const char* name : {"conv1.weight", "fc2.weight", "fc2.bias"}) {
    const auto now = bench.tensor(name);
    const auto before = bench.net.slice(bench.loaded, name);
    EXPECT_EQ(std::multiset<float>(now.begin(), now.end()), std::multiset<float>(before.begin(), before.end()));
    EXPECT_NE(now, before);
  }
  EXPECT_EQ(bench.at("conv1.weight[2,0,1,1]"), bench.net.slice(bench.loaded, "conv1.weight")[2 * 18 + 4]);
}

TEST(Reinitialise, IsAsBeforeTraining) {
  Bench bench;
  ASSERT_TRUE(bench.run({"reinitialise", "conv2.weight[1];fc1", {{"seed", 7}}}).has_value());
  const auto fresh = nn::initial_weights(*bench.net.graph, 7);
  const auto conv2 = bench.net.slice(fresh, "conv2.weight");
  EXPECT_EQ(bench.tensor("fc1.weight"), bench.net.slice(fresh, "fc1.weight"));
  EXPECT_EQ(bench.at("conv2.weight[1,0,0,0]"), conv2[45]);
  EXPECT_EQ(bench.at("conv2.weight[0,0,0,0]"), bench.net.slice(bench.loaded, "conv2.weight")[0]);
}

TEST(Blend, GoesBackToTheLoadedWeights) {
  Bench bench;
  ASSERT_TRUE(bench.run({"shift", "all", {{"by", 1.0}}}).has_value());
  const auto edited = bench.net.weights;
  ASSERT_TRUE(bench.run({"blend", "all", {{"share", 1.0}}}).has_value());
  EXPECT_EQ(bench.net.weights, edited);
  ASSERT_TRUE(bench.run({"blend", "conv1.weight", {{"share", 0.25}}}).has_value());
  EXPECT_NEAR(bench.at("conv1.weight[1,1,1,1]"), bench.loaded[18 + 9 + 4] + 0.25F, 1e-6F);
  ASSERT_TRUE(bench.run({"blend", "all", {{"share", 0.0}}}).has_value());
  EXPECT_EQ(bench.net.weights, bench.loaded);
}

TEST(Symmetrise, MakesKernelsTheirOwnMirrorImage) {
  for (const int kind : {0, 1, 2}) {
    Bench bench;
    ASSERT_TRUE(bench.run({"symmetrise", "conv1", {{"mirror", kind}}}).has_value());
    const auto now = bench.tensor("conv1.weight");
    const auto before = bench.net.slice(bench.loaded, "conv1.weight");
    for (std::size_t k = 0; k < 10; ++k) {
      double sum = 0.0;
      for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < 3; ++x) {
          const auto at = [&](std::size_t v, std::size_t u) { return now[k * 9 + v * 3 + u]; };
          if (kind != 1) EXPECT_EQ(at(y, x), at(y, 2 - x));
          if (kind != 0) EXPECT_EQ(at(y, x), at(2 - y, x));
          sum += static_cast<double>(at(y, x)) - static_cast<double>(before[k * 9 + y * 3 + x]);
        }
      }
      EXPECT_NEAR(sum, 0.0, 1e-6);
    }
    EXPECT_EQ(bench.tensor("conv1.bias"), bench.net.slice(bench.loaded, "conv1.bias"));
  }
  Bench bench;
  EXPECT_FALSE(bench.run({"symmetrise", "fc1"}).has_value());
  EXPECT_FALSE(bench.run({"symmetrise", "conv1.weight[0,0,0]"}).has_value());
}

TEST(Copy, TakesAllBeforeItPuts) {
  Bench bench;
  const auto before = bench.tensor("conv1.weight");
  ASSERT_TRUE(bench.run({.operation = "copy", .region = "conv1.weight[1:4]", .source = "conv1.weight[0:3]"}));
  const auto now = bench.tensor("conv1.weight");
  for (std::size_t i = 0; i < 54; ++i) EXPECT_EQ(now[18 + i], before[i]);
  EXPECT_EQ(now[3], before[3]);
  // Between layers, as long as the shape is the same.
  ASSERT_TRUE(bench.run({.operation = "copy", .region = "conv2.weight[5,1]", .source = "conv1.weight[4,0]"}));
  EXPECT_EQ(bench.at("conv2.weight[5,1,2,0]"), bench.at("conv1.weight[4,0,2,0]"));
  EXPECT_FALSE(bench.run({.operation = "copy", .region = "conv2.weight[5]", .source = "conv1.weight[4]"}));
  EXPECT_FALSE(bench.run({.operation = "copy", .region = "conv2.weight[5]"}));
}

TEST(Swap, IsItsOwnInverse) {
  Bench bench;
  const Edit edit{
      .operation = "swap", .region = "conv1.weight[:,0];conv1.bias[2]", .source = "conv1.weight[:,1];conv1.bias[4]"};
  ASSERT_TRUE(bench.run(edit).has_value());
  const auto before = bench.net.slice(bench.loaded, "conv1.weight");
  EXPECT_EQ(bench.at("conv1.weight[3,0,1,2]"), before[3 * 18 + 9 + 5]);
  EXPECT_EQ(bench.at("conv1.weight[3,1,1,2]"), before[3 * 18 + 5]);
  ASSERT_TRUE(bench.run(edit).has_value());
  EXPECT_EQ(bench.net.weights, bench.loaded);
  EXPECT_FALSE(bench.run({.operation = "swap", .region = "conv1.weight[0:2]", .source = "conv1.weight[1:3]"}));
}

}  // namespace
}  // namespace weightroom::edit
