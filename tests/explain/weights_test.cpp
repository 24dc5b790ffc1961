#include "explain/weights.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::explain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

nn::WeightRef ref(const test::Net& net, const std::string& text) {
  return nn::parse_weight_ref(*net.graph, text).value();
}

std::vector<std::string> names(const test::Net& net, const std::vector<LayerIdentity>& rows) {
  std::vector<std::string> result;
  for (const LayerIdentity& row : rows) result.push_back(net.graph->nodes()[static_cast<std::size_t>(row.node)].name);
  return result;
}

TEST(LayerIdentity, HoldsForEveryLayerOfAChain) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const test::Net net = test::chain_net(seed);
    nn::Session session = net.session();
    for (int target = 0; target < 4; ++target) {
      const auto gradient = weight_gradient(session, target);
      const auto rows = layer_identities(session, gradient, target);
      EXPECT_THAT(names(net, rows), ElementsAre("conv1", "conv2", "fc1", "fc2"));
      for (const LayerIdentity& row : rows) {
        EXPECT_LE(row.error(), 1e-5);
        EXPECT_EQ(row.logit, static_cast<double>(session.logits().data[target]));
        EXPECT_GT(row.magnitude, 0.0);
      }
    }
  }
}

// A layer beside a residual path carries only its part of the logit; batch norms take away their
// mean.
TEST(LayerIdentity, HoldsForLayersThatAllWaysPass) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const test::Net net = test::mixed_net(seed);
    nn::Session session = net.session();
    const auto rows = layer_identities(session, weight_gradient(session, 2), 2);
    EXPECT_THAT(names(net, rows), ElementsAre("conv1", "bn1", "conv3", "conv4", "fc"));
    for (const LayerIdentity& row : rows) EXPECT_LE(row.error(), 1e-5);
  }
}

TEST(LayerIdentity, IsNotClaimedWithASoftmaxWithin) {
  const test::Net net = test::smooth_net(1);
  nn::Session session = net.session();
  EXPECT_TRUE(layer_identities(session, weight_gradient(session, 0), 0).empty());
}

TEST(WeightGradient, StartsFromZeroEachTime) {
  const test::Net net = test::chain_net(7);
  nn::Session session = net.session();
  const auto first = weight_gradient(session, 0);
  const auto other = weight_gradient(session, 3);
  EXPECT_NE(other, first);
  EXPECT_EQ(weight_gradient(session, 0), first);
}

TEST(WeightGradient, OfRunningStatisticsIsZero) {
  const test::Net net = test::mixed_net(8);
  nn::Session session = net.session();
  const auto gradient = weight_gradient(session, 0);
  EXPECT_THAT(net.slice(gradient, "bn1.running_mean"), testing::Each(0.0F));
  EXPECT_THAT(net.slice(gradient, "bn1.weight"), testing::Not(testing::Each(0.0F)));
}

// For every weight of every layer: the map has the layer's size and sums to w df/dw.
TEST(PositionMap, SumsToWeightTimesGradient) {
  const test::Net net = test::mixed_net(9);
  nn::Session session = net.session();
  const auto product = weight_x_gradient(session, weight_gradient(session, 1));
  const auto& weights = net.graph->weights();
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const nn::Node& node = net.graph->nodes()[static_cast<std::size_t>(weights[t].node)];
    if (node.op->name == "batch_norm") continue;
    for (std::size_t e = 0; e < weights[t].shape.size(); e += 7) {
      const auto map = position_map(session, 1, {static_cast<int>(t), e});
      ASSERT_TRUE(map.has_value());
      EXPECT_EQ(map->height, node.output.h());
      EXPECT_EQ(map->width, node.output.w());
      double sum = 0.0;
      double sizes = 0.0;
      for (float value : map->values) {
        sum += static_cast<double>(value);
        sizes += std::fabs(static_cast<double>(value));
      }
      EXPECT_NEAR(sum, static_cast<double>(product[weights[t].offset + e]), 1e-5 * std::max(1e-3, sizes))
          << weights[t].name << " " << e;
    }
  }
}

TEST(PositionMap, OfFixtureA) {
  const test::Net net = test::fixture_a();
  nn::Session session = net.session();
  // df/dz of filter 0 is [0,1,1,1]; under tap (2,1) lie 9, 10, 13, 14.
  EXPECT_THAT(position_map(session, 0, ref(net, "conv1.weight[0,0,2,1]"))->values, ElementsAre(0, 10, 13, 14));
  EXPECT_THAT(position_map(session, 0, ref(net, "conv1.bias[1]"))->values, ElementsAre(0, 0, 75, 75));
  EXPECT_THAT(position_map(session, 0, ref(net, "fc.weight[0,2]"))->values, ElementsAre(31));
}

TEST(PositionMap, RefusesWhatIsNoSum) {
  const test::Net net = test::mixed_net(10);
  nn::Session session = net.session();
  EXPECT_THAT(position_map(session, 0, ref(net, "bn1.weight[0]")).error().message(),
              HasSubstr("'bn1' is a batch_norm"));

  test::SpecBuilder spec({1, 4, 4});
  spec.conv("unused", 2, 3, 1).add("flatten", "flatten", {}, {"input"}).linear("fc", 2);
  const test::Net aside = test::random_net(spec.spec(), 1);
  nn::Session other = aside.session();
  EXPECT_THAT(position_map(other, 0, ref(aside, "unused.bias[0]")).error().message(),
              HasSubstr("does not depend on 'unused'"));
}

// The engine adds a layer's products in the order of the terms, starting from the bias: the same
// sum to the bit.
TEST(Formula, AddsUpToTheActivation) {
  const test::Net net = test::mixed_net(11);
  nn::Session session = net.session();
  session.forward();
  for (const char* name : {"conv1", "conv2", "conv3", "conv4", "fc"}) {
    const int node = net.node(name);
    const nn::Shape shape = session.activation(node).shape;
    const float* expected = session.activation(node).data;
    for (int o = 0; o < shape.c(); ++o) {
      for (int y = 0; y < shape.h(); ++y) {
        for (int x = 0; x < shape.w(); ++x, ++expected) {
          const auto formula = formula_at(session, node, o, y, x);
          ASSERT_TRUE(formula.has_value());
          EXPECT_EQ(formula->sum, *expected);
          float sum = formula->bias;
          for (const FormulaTerm& term : formula->terms) {
            EXPECT_EQ(term.product, term.weight * term.input);
            if (term.padding) {
              EXPECT_EQ(term.input, 0.0F);
            }
            sum += term.product;
          }
          EXPECT_EQ(sum, *expected) << name << " " << o << " " << y << " " << x;
        }
      }
    }
  }
}

TEST(Formula, NamesItsPixels) {
  const test::Net net = test::mixed_net(12);
  nn::Session session = net.session();
  session.forward();
  // conv2 has two groups of three channels: output channel 4 reads channels 3 to 5. Padding 1 at
  // the top left corner.
  const auto formula = formula_at(session, net.node("conv2"), 4, 0, 0);
  ASSERT_EQ(formula->terms.size(), 27U);
  const FormulaTerm& first = formula->terms[0];
  EXPECT_TRUE(first.padding);
  EXPECT_EQ(first.y, -1);
  EXPECT_EQ(first.x, -1);
  EXPECT_EQ(first.channel, 3);
  const FormulaTerm& last = formula->terms[26];
  EXPECT_FALSE(last.padding);
  EXPECT_EQ(std::tuple(last.channel, last.u, last.v, last.y, last.x), std::tuple(5, 2, 2, 1, 1));
  EXPECT_EQ(last.input, session.activation(net.node("pool1")).data[5 * 16 + 5]);
  EXPECT_EQ(last.weight, net.slice(net.weights, "conv2.weight")[4 * 27 + 26]);
  EXPECT_EQ(formula->bias, net.slice(net.weights, "conv2.bias")[4]);
  EXPECT_EQ(formula_at(session, net.node("conv3"), 0, 0, 0)->bias, 0.0F) << "has none";
}

TEST(Formula, RefusesOtherOpsAndPlaces) {
  const test::Net net = test::mixed_net(13);
  nn::Session session = net.session();
  session.forward();
  const auto sentence = [&](int node, int o, int y, int x) {
    return formula_at(session, node, o, y, x).error().message();
  };
  EXPECT_THAT(sentence(net.node("relu1"), 0, 0, 0), HasSubstr("'relu1' is a relu"));
  EXPECT_THAT(sentence(0, 0, 0, 0), HasSubstr("the picture"));
  for (const auto& [o, y, x] :
       {std::tuple(6, 0, 0), std::tuple(0, 9, 0), std::tuple(0, 0, 8), std::tuple(-1, 0, 0), std::tuple(0, -1, 0)}) {
    EXPECT_THAT(sentence(net.node("conv1"), o, y, x), HasSubstr("no output at channel"));
  }
}

}  // namespace
}  // namespace weightroom::explain
