#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "run_method.h"

namespace weightroom::explain {
namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(SmoothGrad, WithoutNoiseIsTheGradientToTheBit) {
  for (const test::Net& net : {test::mixed_net(1), test::chain_net(2), test::smooth_net(3), test::fixture_a()}) {
    const auto gradient = run_method("gradient", net).attribution.values;
    EXPECT_TRUE(same_bits(run_method("smoothgrad", net, 0, {{"sigma", 0.0}}).attribution.values, gradient));
  }
}

TEST(SmoothGrad, OfAnEvenPictureIsTheGradientToTheBit) {
  test::Net net = test::chain_net(4);
  std::ranges::fill(net.input, 0.25F);
  EXPECT_TRUE(
      same_bits(run_method("smoothgrad", net).attribution.values, run_method("gradient", net).attribution.values))
      << "its range is 0, and so the noise";
}

TEST(SmoothGrad, OfALinearNetIsItsGradient) {
  test::SpecBuilder spec({2, 6, 6});
  spec.conv("conv1", 3, 3, 1).pool("pool1", "avg_pool", 2).add("flatten", "flatten").linear("fc", 3);
  const test::Net net = test::random_net(spec.spec(), 5);
  EXPECT_TRUE(same_bits(run_method("smoothgrad", net, 1).attribution.values,
                        run_method("gradient", net, 1).attribution.values));
}

TEST(SmoothGrad, TheSeedDecidesTheNoise) {
  const test::Net net = test::chain_net(6);
  const auto with_seed = [&](double seed) {
    return run_method("smoothgrad", net, 0, {{"seed", seed}}).attribution.values;
  };
  EXPECT_TRUE(same_bits(with_seed(3), with_seed(3)));
  EXPECT_FALSE(same_bits(with_seed(3), with_seed(4)));
}

// f = g(relu) of one input, x -> relu(x): the mean slope is the share of the noise that lies above
// zero, 1/2 at x = 0 of a symmetric noise. 10,000 draws in all; four standard errors.
TEST(SmoothGrad, AveragesOverTheNoise) {
  test::SpecBuilder spec({1, 1, 21});
  spec.conv("conv1", 1, 1, 0, 1, 1, false).add("relu1", "relu").add("flatten", "flatten").linear("fc", 1, false);
  test::Net net = test::random_net(spec.spec(), 7);
  std::ranges::fill(net.weights, 1.0F);
  std::ranges::fill(net.input, 0.0F);
  net.input.back() = 1.0F;  // gives the picture its range; its own slope is not looked at
  const auto map = run_method("smoothgrad", net, 0, {{"samples", 500.0}}).attribution.values;
  double sum = 0.0;
  for (std::size_t i = 0; i < 20; ++i) sum += static_cast<double>(map[i]);
  EXPECT_NEAR(sum / 20.0, 0.5, 4.0 * 0.5 / std::sqrt(10'000.0));
}

TEST(SmoothGrad, ShowsTheMeanSoFar) {
  const test::Net net = test::chain_net(8);
  nn::Session session = net.session();
  const auto job = start_method("smoothgrad", session, net, 0, {{"samples", 9.0}});
  for (int done = 1; done <= 9; ++done) {
    while (job->progress() < done / 9.0) job->step(base::Budget::milliseconds(0.0));
    EXPECT_DOUBLE_EQ(job->progress(), done / 9.0);
    const auto fewer = run_method("smoothgrad", net, 0, {{"samples", static_cast<double>(done)}});
    EXPECT_TRUE(same_bits(job->result().attribution.values, fewer.attribution.values)) << done << " samples";
  }
}

}  // namespace
}  // namespace weightroom::explain
