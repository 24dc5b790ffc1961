#include "train/rounding.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::train {
namespace {

TEST(Rounding, EachChannelHasItsOwnScaleOfHundredAndTwentySevenSteps) {
  const nn::GraphWeight tensor{.name = "fc.weight", .shape = {2, 3}};
  const std::vector<float> values{1.27F, -0.504F, 0.006F, 0.0127F, 0.00006F, -0.0049F};
  std::vector<float> rounded(values.size());
  round_channels(tensor, values, rounded);
  const double first = 1.27 / 127;
  const double second = 0.0127 / 127;
  const double expected[] = {127 * first, -50 * first, 1 * first, 127 * second, 1 * second, -49 * second};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(rounded[i], expected[i], 1e-7) << i;
  std::vector<float> again(values.size());
  round_channels(tensor, rounded, again);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(again[i], rounded[i], 1e-7) << "a second time nothing";
}

TEST(Rounding, IsOfWhatJoinsLayersAlone) {
  const test::Net net = test::mixed_net(1);
  for (const nn::GraphWeight& tensor : net.graph->weights())
    EXPECT_EQ(joins_layers(tensor), tensor.shape.rank() >= 2 && tensor.trainable) << tensor.name;
}

}  // namespace
}  // namespace weightroom::train
