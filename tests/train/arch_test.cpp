#include "train/arch.h"

#include <gtest/gtest.h>

namespace weightroom::train {
namespace {

std::vector<std::string> names(const nn::GraphSpec& spec) {
  std::vector<std::string> out;
  for (const nn::NodeSpec& node : spec.nodes) out.push_back(node.name);
  return out;
}

TEST(Architecture, WordsBecomeLayersInOrder) {
  auto spec = parse_architecture("conv 8; pool | conv 12 k=5 s=2; avgpool 2; gap; fc", {3, 32, 32}, 10);
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(names(*spec), (std::vector<std::string>{"conv1", "bn1", "relu1", "pool1", "conv2", "bn2", "relu2",
                                                    "avgpool1", "gap", "flatten", "fc"}));
  auto graph = nn::Graph::build(*spec);
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ((*graph)->class_count(), 10);
  EXPECT_EQ((*graph)->nodes()[5].output, (nn::Shape{1, 12, 8, 8}));
  auto folded = nn::fold_batch_norm(**graph, nn::initial_weights(**graph, 1));
  ASSERT_TRUE(folded) << folded.error().message();
  EXPECT_EQ(names(folded->graph->spec()), (std::vector<std::string>{"conv1", "relu1", "pool1", "conv2", "relu2",
                                                                    "avgpool1", "gap", "flatten", "fc"}));
}

TEST(Architecture, PoolBeforeRelu) {
  auto spec = parse_architecture("conv 8 a=0; pool; relu; gap; fc", {1, 8, 8}, 3);
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(names(*spec), (std::vector<std::string>{"conv1", "bn1", "pool1", "relu1", "gap", "flatten", "fc"}));
  EXPECT_TRUE(nn::Graph::build(*spec));
}

TEST(Architecture, GroupsAndHiddenLinear) {
  auto spec = parse_architecture("conv 8; conv 8 g=8; conv 16 k=1; flatten; fc 20; fc", {1, 8, 8}, 3);
  ASSERT_TRUE(spec) << spec.error().message();
  auto graph = nn::Graph::build(*spec);
  ASSERT_TRUE(graph) << graph.error().message();
  EXPECT_EQ((*graph)->nodes().back().name, "fc2");
  EXPECT_EQ((*graph)->class_count(), 3);
}

TEST(Architecture, EachMistakeNamesItsLayer) {
  const auto sentence = [](std::string_view text) {
    auto spec = parse_architecture(text, {3, 8, 8}, 4);
    return spec ? std::string("accepted") : spec.error().message();
  };
  EXPECT_EQ(sentence(""), "The net has no layers.");
  EXPECT_EQ(sentence(" ; | "), "The net has no layers.");
  EXPECT_EQ(sentence("conv 4; cnov 8"),
            "The net's layer 'cnov 8' is none of conv, relu, pool, avgpool, gap, flatten, fc.");
  EXPECT_EQ(sentence("conv"), "The net's layer 'conv' needs its number of channels.");
  EXPECT_EQ(sentence("conv 4 5"), "The net's layer 'conv 4 5' has '5' where it takes one whole number from 1.");
  EXPECT_EQ(sentence("conv -4"), "The net's layer 'conv -4' has '-4' where it takes one whole number from 1.");
  EXPECT_EQ(sentence("conv 4 q=3"), "The net's layer 'conv 4 q=3' has no option 'q'.");
  EXPECT_EQ(sentence("conv 4 k=x"), "The net's layer 'conv 4 k=x' needs a whole number after 'k='.");
  EXPECT_EQ(sentence("conv 4 s=0"), "The net's layer 'conv 4 s=0' needs a whole number after 's='.");
  EXPECT_EQ(sentence("gap 3"), "The net's layer 'gap 3' has '3' where it takes no number.");
  EXPECT_NE(sentence("conv 4 k=2").find("even kernel"), std::string::npos);
}

}  // namespace
}  // namespace weightroom::train
