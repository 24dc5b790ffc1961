#include "explain/nudge.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "nn/answer.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

Nudge nudge(const test::Net& net, nn::Session& session, NudgeOptions options, std::vector<float> black = {}) {
  const MethodInput input = input_of("gradient", session, net, 0, {}, -1, std::move(black));
  Nudge found;
  double progress = 0.0;
  base::Task task = find_nudge(input, options, found, progress);
  while (!task.step()) {
  }
  EXPECT_EQ(progress, 1.0);
  return found;
}

// Two logits that are linear in the picture: f0 - f1 = m at the picture, and falls by exactly budget * |w0 - w1|_1 for
// FGSM's sign, budget * |w0 - w1|_2 along the gradient. The least budget is known.
TEST(Nudge, OfALinearModelIsExact) {
  test::SpecBuilder spec({1, 4, 4});
  spec.add("flatten", "flatten").linear("fc", 2);
  test::Net net = test::random_net(spec.spec(), 3);
  for (float& v : net.input) v = 0.5F + 0.05F * v;  // far from black (0) and white (1)
  double one = 0.0;
  double two = 0.0;
  double margin = static_cast<double>(net.weights[32]) - static_cast<double>(net.weights[33]);
  for (std::size_t i = 0; i < 16; ++i) {
    const double d = static_cast<double>(net.weights[i]) - static_cast<double>(net.weights[16 + i]);
    one += std::fabs(d);
    two += d * d;
    margin += d * static_cast<double>(net.input[i]);
  }
  nn::Session session = net.session();
  for (const NudgeSearch search : {NudgeSearch::fgsm, NudgeSearch::pgd}) {
    const Nudge sign = nudge(net, session, {NudgeNorm::largest, search});
    ASSERT_TRUE(sign.found);
    const double least = 255.0 * std::fabs(margin) / one;
    EXPECT_GE(sign.budget, least * 0.999);
    EXPECT_LE(sign.budget, least * 1.03);
    EXPECT_NEAR(sign.largest, sign.budget, 1e-3 * sign.budget);
    EXPECT_NE(sign.before, sign.after);
    const Nudge along = nudge(net, session, {NudgeNorm::length, search});
    ASSERT_TRUE(along.found);
    const double shortest = 255.0 * std::fabs(margin) / std::sqrt(two);
    EXPECT_GE(along.budget, shortest * 0.999);
    EXPECT_LE(along.budget, shortest * 1.03);
    EXPECT_NEAR(along.root_mean_square, along.budget / 4.0, 1e-3 * along.budget);
    // Nothing leaves its budget: a little less is not enough.
    EXPECT_FALSE(nudge(net, session, {.norm = NudgeNorm::largest, .search = search, .most = 0.97 * least}).found);
    EXPECT_FALSE(
        nudge(net, session, {.norm = NudgeNorm::length, .search = search, .most = 0.97 * shortest / 4.0}).found);
  }
}

// Networks whose answer can be changed, each way of searching finding how; on the last of them one step is not enough.
TEST(Nudge, ReallyChangesTheAnswerAndStaysWithinThePicture) {
  constexpr std::uint64_t kOneStepIsNotEnough = 9;
  for (std::uint64_t seed = 3; seed <= kOneStepIsNotEnough; ++seed) {
    const test::Net net = test::chain_net(seed);
    nn::Session session = net.session();
    for (const NudgeNorm norm : {NudgeNorm::largest, NudgeNorm::length}) {
      double one_step = 0.0;
      for (const NudgeSearch search : {NudgeSearch::fgsm, NudgeSearch::pgd}) {
        const Nudge found = nudge(net, session, {.norm = norm, .search = search, .most = 200.0}, {-1.0F, -1.0F});
        ASSERT_EQ(found.found, search == NudgeSearch::pgd || seed != kOneStepIsNotEnough) << seed;
        if (!found.found) continue;
        nn::Session fresh = net.session();
        fresh.set_input(found.picture);
        fresh.forward();
        EXPECT_EQ(nn::best_first(fresh.logits().values())[0], found.after);
        EXPECT_NE(found.after, found.before);
        for (std::size_t i = 0; i < found.picture.size(); ++i) {
          EXPECT_GE(found.picture[i], -1.0F);
          EXPECT_LE(found.picture[i], 1.0F);
          EXPECT_NEAR(static_cast<double>(found.difference[i]),
                      (static_cast<double>(found.picture[i]) - static_cast<double>(net.input[i])) * 127.5, 1e-3);
        }
        // Many steps need no more than one.
        if (search == NudgeSearch::fgsm) one_step = found.budget;
        if (one_step > 0.0) EXPECT_LE(found.budget, one_step * 1.05) << seed;
      }
    }
  }
}

TEST(Nudge, GoesWhereItIsWanted) {
  for (std::uint64_t seed = 3; seed <= 9; ++seed) {
    const test::Net net = test::chain_net(seed);
    nn::Session session = net.session();
    for (int c = 0; c < 4; ++c) {
      const Nudge found = nudge(net, session, {.toward = c, .most = 255.0}, {-1.0F, -1.0F});
      ASSERT_TRUE(found.found) << seed << " toward " << c;
      EXPECT_EQ(found.after, c);
      EXPECT_EQ(found.budget == 0.0, c == found.before) << seed << " toward " << c;
    }
  }
}

TEST(Nudge, SaysWhereNoneIsFound) {
  const test::Net net = test::chain_net(3);
  nn::Session session = net.session();
  const Nudge found = nudge(net, session, {.most = 1e-6}, {-1.0F, -1.0F});
  EXPECT_FALSE(found.found);
  EXPECT_EQ(found.before, found.after);
  EXPECT_EQ(found.picture, net.input);
}

}  // namespace
}  // namespace weightroom::explain
