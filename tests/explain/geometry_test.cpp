#include "explain/geometry.h"

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::nn {

static void PrintTo(const Rectangle& r, std::ostream* out) {
  *out << "[" << r.top << "," << r.bottom << ") x [" << r.left << "," << r.right << ")";
}

}  // namespace weightroom::nn

namespace weightroom::explain {
namespace {

TEST(ReceptiveField, OfAChain) {
  const test::Net net = test::chain_net(1);  // (2,9,8): conv 3 pad 1, relu, pool 2, conv 3 pad 1, relu, pool 2, flatten
  const auto field = [&](const char* name, int y, int x) { return receptive_field(*net.graph, net.node(name), y, x); };
  EXPECT_EQ(field("conv1", 4, 5).inside, (Rectangle{3, 4, 6, 7}));
  EXPECT_EQ(field("relu1", 4, 5).inside, (Rectangle{3, 4, 6, 7}));
  EXPECT_EQ(field("conv1", 0, 7).whole, (Rectangle{-1, 6, 2, 9}));
  EXPECT_EQ(field("conv1", 0, 7).inside, (Rectangle{0, 6, 2, 8}));
  EXPECT_EQ(field("pool1", 1, 2).inside, (Rectangle{1, 3, 5, 7}));
  EXPECT_EQ(field("conv2", 1, 1).whole, (Rectangle{-1, -1, 7, 7}));
  EXPECT_EQ(field("pool2", 0, 0).whole, (Rectangle{-3, -3, 7, 7}));
  EXPECT_EQ(field("pool2", 0, 0).inside, (Rectangle{0, 0, 7, 7}));
}

// Nothing lies beyond the input's edge; the ninth row is read by no pool, and so not through one.
TEST(ReceptiveField, ThroughAFlattenIsTheWholeMap) {
  const test::Net net = test::chain_net(1);
  EXPECT_EQ(receptive_field(*net.graph, net.node("fc2"), 0, 0).inside, (Rectangle{0, 0, 9, 8}));
  EXPECT_EQ(receptive_field(*net.graph, 0, 8, 7).inside, (Rectangle{8, 7, 9, 8}));
}

TEST(ReceptiveField, WithStrideAndDilation) {
  test::SpecBuilder spec({1, 20, 20});
  spec.conv("wide", 1, 3, 4, 2, 1, true, 4).conv("next", 1, 3, 1, 3);
  const test::Net net = test::random_net(spec.spec(), 1);
  // wide at (y,x): 2y - 4 + {0, 4, 8}; next at (1,2): rows 2..4, columns 5..7 of wide.
  EXPECT_EQ(receptive_field(*net.graph, net.node("wide"), 3, 0).whole, (Rectangle{2, -4, 11, 5}));
  EXPECT_EQ(receptive_field(*net.graph, net.node("wide"), 3, 0).inside, (Rectangle{2, 0, 11, 5}));
  EXPECT_EQ(receptive_field(*net.graph, net.node("next"), 1, 2).inside, (Rectangle{0, 6, 13, 19}));
}

TEST(ReceptiveField, OfASumCoversBothBranches) {
  const test::Net net = test::mixed_net(1);  // sum = relu2 (conv 3) + pool1
  EXPECT_EQ(receptive_field(*net.graph, net.node("pool1"), 1, 1).inside, (Rectangle{1, 1, 5, 5}));
  EXPECT_EQ(receptive_field(*net.graph, net.node("sum"), 1, 1).whole, (Rectangle{-1, -1, 7, 7}));
  EXPECT_EQ(receptive_field(*net.graph, net.node("gap"), 0, 0).inside, (Rectangle{0, 0, 9, 8}));
}

// By experiment: the pixels that change an output are those of its receptive field, no more.
void expect_fields_hold(const test::Net& net, const std::vector<const char*>& names) {
  nn::Session session = net.session();
  const nn::Shape picture = session.activation(0).shape;
  const std::size_t pixels = static_cast<std::size_t>(picture.h()) * static_cast<std::size_t>(picture.w());
  for (const char* name : names) {
    const int node = net.node(name);
    session.set_input(net.input);
    session.forward();
    const nn::Shape shape = session.activation(node).shape;
    const std::vector<float> before(session.activation(node).values().begin(), session.activation(node).values().end());
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const int y = static_cast<int>(pixel) / picture.w();
      const int x = static_cast<int>(pixel) % picture.w();
      auto moved = net.input;
      for (std::size_t at = pixel; at < moved.size(); at += pixels) moved[at] += 100.0F;
      session.set_input(moved);
      session.forward();
      for (std::size_t i = 0; i < before.size(); ++i) {
        if (session.activation(node).data[i] == before[i]) continue;
        const int place = static_cast<int>(i) % (shape.h() * shape.w());
        const Rectangle field = receptive_field(*net.graph, node, place / shape.w(), place % shape.w()).inside;
        EXPECT_TRUE(y >= field.top && y < field.bottom && x >= field.left && x < field.right)
            << name << " " << place << " is changed by " << y << ", " << x;
      }
    }
  }
}

TEST(ReceptiveField, HoldsWhatTheOutputDependsOn) {
  expect_fields_hold(test::mixed_net(2), {"conv1", "pool1", "conv2", "sum", "conv3", "pool3"});
}

// What imported nets have besides: borders, joined and cut channels, maps that are repeated.
TEST(ReceptiveField, HoldsWhatImportedLayersDependOn) {
  using List = std::vector<long long>;
  test::SpecBuilder spec({2, 7, 6});
  spec.conv("a", 3, 3, 1);
  for (const char* mode : {"constant", "edge", "reflect"}) {
    const std::string name = mode;
    spec.add(name, "pad", {{"padding", List{2, 1, 1, 2}}, {"mode", name}}, {"a"});
    spec.conv("after_" + name, 2, 3, 0);
  }
  spec.add("joined", "concat", {}, {"after_edge", "after_reflect"});
  spec.add("cut", "slice", {{"start", 1LL}, {"end", 3LL}}, {"joined"});
  spec.add("rows", "reduce_mean", {{"axes", List{3}}}, {"cut"});
  spec.add("scaled", "mul", {}, {"cut", "rows"});
  spec.add("shifted", "slice", {{"axis", 2LL}, {"start", 2LL}}, {"scaled"});
  expect_fields_hold(test::random_net(spec.spec(), 3), {"constant", "edge", "reflect", "after_edge", "after_reflect",
                                                        "joined", "cut", "rows", "scaled", "shifted"});
}

TEST(Window, OnlyOfSlidingOps) {
  const test::Net net = test::mixed_net(1);
  const auto window = [&](const char* name) {
    return window_of(net.graph->nodes()[static_cast<std::size_t>(net.node(name))]);
  };
  EXPECT_FALSE(window("relu1").has_value());
  EXPECT_FALSE(window("gap").has_value());
  EXPECT_FALSE(window_of(net.graph->nodes()[0]).has_value());
  EXPECT_EQ(window("pool1")->y.stride, 2) << "a pool's stride is its kernel unless given";
  EXPECT_EQ(window("conv3")->x.dilation, 2);
  EXPECT_EQ(window("conv1")->y.padding, 1);
}

}  // namespace
}  // namespace weightroom::explain
