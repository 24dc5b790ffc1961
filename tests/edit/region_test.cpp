#include "edit/region.h"

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::edit {
namespace {

// conv1 (5,2,3,3), conv2 (6,5,3,3), fc1 (9,24), fc2 (4,9), each with biases.
const nn::Graph& graph() {
  static const test::Net net = test::chain_net(1);
  return *net.graph;
}

std::vector<edit::Run> runs(const std::string& text) {
  const auto region = parse_region(graph(), text);
  EXPECT_TRUE(region.has_value()) << text << ": " << (region ? "" : region.error().message());
  return region ? runs_of(graph(), *region) : std::vector<edit::Run>{};
}

std::string again(const std::string& text) { return format_region(graph(), parse_region(graph(), text).value()); }

TEST(Region, NamesWeights) {
  EXPECT_EQ(runs("conv1.weight"), (std::vector<edit::Run>{{0, 0, 90}}));
  EXPECT_EQ(runs("conv1.weight[3]"), (std::vector<edit::Run>{{0, 54, 18}}));
  EXPECT_EQ(runs(" conv1.weight [ 3 , 1 ] "), (std::vector<edit::Run>{{0, 63, 9}}));
  EXPECT_EQ(runs("conv1.weight[3,1,0,2]"), (std::vector<edit::Run>{{0, 65, 1}}));
  EXPECT_EQ(runs("conv1.weight[1:3]"), (std::vector<edit::Run>{{0, 18, 36}}));
  EXPECT_EQ(runs("conv1.weight[:,1]"),
            (std::vector<edit::Run>{{0, 9, 9}, {0, 27, 9}, {0, 45, 9}, {0, 63, 9}, {0, 81, 9}}));
  EXPECT_EQ(runs("conv1.weight[0:2,0,1:,2]"), (std::vector<edit::Run>{{0, 5, 1}, {0, 8, 1}, {0, 23, 1}, {0, 26, 1}}));
  EXPECT_EQ(runs("conv1"), (std::vector<edit::Run>{{0, 0, 90}, {1, 90, 5}}));
  EXPECT_EQ(count_of(runs("all")), graph().weight_count());
  EXPECT_EQ(count_of(runs("fc1.weight[2:4];fc2.bias")), 2U * 24 + 4);
}

TEST(Region, CountsEachWeightOnce) {
  EXPECT_EQ(runs("conv1.weight[0:2];conv1.weight[1:3]"), (std::vector<edit::Run>{{0, 0, 54}}));
  EXPECT_EQ(runs("conv1.weight[2];conv1.weight[0]"), (std::vector<edit::Run>{{0, 0, 18}, {0, 36, 18}}));
  EXPECT_EQ(count_of(runs("all;conv1;conv2.weight[3]")), graph().weight_count());
}

TEST(Region, IsWrittenAsItIsRead) {
  for (const std::string text :
       {"all", "conv1", "conv1.weight", "conv1.bias", "conv1.weight[3]", "conv1.weight[:,1]", "conv1.weight[3,1,0,2]",
        "conv1.weight[0:2,1,:,0]", "conv2;fc1.weight[2:4]", "conv1.weight[0:2];conv1.weight[1:3]", "fc2.bias[1]"})
    EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("conv1.weight;conv1.bias"), "conv1");
  EXPECT_EQ(again("conv1.weight[0:5]"), "conv1.weight");
  EXPECT_EQ(again("conv1;conv2;fc1;fc2"), "all");
  EXPECT_EQ(again("conv1.weight[2:3,:]"), "conv1.weight[2]");
}

TEST(Region, ElementsAreInOrder) {
  const Region region = parse_region(graph(), "conv1.weight[1:3,1,0,:2]").value();
  EXPECT_EQ(elements_of(graph(), region.boxes[0]), (std::vector<std::size_t>{27, 28, 45, 46}));
}

TEST(Region, KnowsWhatIsInBoth) {
  const auto both = [](const std::string& a, const std::string& b) {
    return overlap(graph(), parse_region(graph(), a).value(), parse_region(graph(), b).value());
  };
  EXPECT_TRUE(both("conv1", "conv1.weight[4,1,2,2]"));
  EXPECT_TRUE(both("conv1.weight[:,1]", "conv1.weight[2]"));
  EXPECT_FALSE(both("conv1.weight[:,1]", "conv1.weight[:,0]"));
  EXPECT_FALSE(both("conv1", "conv2"));
}

TEST(Region, IsRefusedByASentence) {
  for (const std::string text :
       {"", "conv9", "relu1", "conv1.weight[", "conv1.weight[]", "conv1.weight[5]", "conv1.weight[-1]",
        "conv1.weight[x]", "conv1.weight[2:2]", "conv1.weight[3:1]", "conv1.weight[0:6]", "conv1.weight[0,0,0,0,0]",
        "conv1.weight[99999999999]", "conv1;", "conv1;;conv2", "bogus.weight[0]", "conv1.weight[0,,1]"}) {
    const auto region = parse_region(graph(), text);
    ASSERT_FALSE(region.has_value()) << text;
    EXPECT_TRUE(region.error().message().ends_with('.')) << region.error().message();
    EXPECT_LT(region.error().message().size(), 200U);
  }
  std::string many = "conv1.bias[0]";
  for (int i = 0; i < 5000; ++i) many += ";conv1.bias[0]";
  EXPECT_FALSE(parse_region(graph(), many).has_value());
}

}  // namespace
}  // namespace weightroom::edit
