#include "teach/estimate.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "random_examples.h"

namespace weightroom::teach {
namespace {

TEST(Estimate, ATakeIsNeverSplit) {
  // Frames of a take are one picture but for a trace of noise; the classes cannot be told apart. With takes held out
  // whole that is what comes out, while single pictures held out would be known by the frames beside them.
  base::Rng rng(1, "takes");
  Examples examples{.classes = 2, .width = 20, .z = {}, .labels = {}, .takes = {}};
  for (int take = 0; take < 12; ++take) {
    for (int c = 0; c < 2; ++c) {
      std::vector<double> z(20);
      for (double& value : z) value = rng.normal();
      for (int frame = 0; frame < 6; ++frame) {
        for (double& value : z) value += 1e-3 * rng.normal();
        examples.add(z, c, take);
      }
    }
  }
  const auto apart = estimate(examples, Method::fitted, {});
  ASSERT_TRUE(apart);
  EXPECT_EQ(apart->folds, 5);
  EXPECT_EQ(apart->pictures.size(), examples.count());
  EXPECT_NEAR(apart->accuracy, 0.5, 0.25);
  for (std::size_t i = 0; i < examples.count(); ++i) examples.takes[i] = static_cast<int>(i);  // a leak is planted
  EXPECT_GE(estimate(examples, Method::fitted, {})->accuracy, 0.99);
}

TEST(Estimate, IsSaidByHowManyTakesThereAre) {
  EXPECT_FALSE(estimate(random_examples({4, 1}, 8, 1), Method::fitted, {}));
  const auto two = estimate(random_examples({2, 6}, 8, 1), Method::fitted, {});
  EXPECT_EQ(two->folds, 2);
  EXPECT_EQ(two->trust(), Estimate::Trust::unknown);
  EXPECT_FALSE(two->strangeness());
  const auto three = estimate(random_examples({3, 6}, 8, 1), Method::instant, {});
  EXPECT_EQ(three->trust(), Estimate::Trust::at_least);
  EXPECT_TRUE(three->strangeness());
  EXPECT_EQ(estimate(random_examples({9, 6}, 8, 1), Method::instant, {})->folds, 5);
  EXPECT_EQ(estimate(random_examples({9, 6}, 8, 1), Method::instant, {})->trust(), Estimate::Trust::about);
}

TEST(Estimate, StrangenessIsTheDistanceThatNineteenOfTwentyStayBelow) {
  const Examples examples = random_examples({20, 20}, 8, 2);
  const auto made = estimate(examples, Method::instant, {});
  const double limit = made->strangeness().value();
  int above = 0;
  for (const HeldOut& picture : made->pictures) above += picture.distance > limit ? 1 : 0;
  EXPECT_EQ(above, 2);
}

TEST(Estimate, SuspectsArePicturesUnderTheWrongName) {
  Examples examples = random_examples({15, 15, 15}, 40, 3);
  const std::vector<std::size_t> wrong{4, 20, 37};
  for (const std::size_t i : wrong) examples.labels[i] = (examples.labels[i] + 1) % 3;
  for (std::size_t i = 0; i < examples.count(); ++i) examples.takes[i] = static_cast<int>(i);
  const auto suspects = estimate(examples, Method::fitted, {.lambda = 1e-2})->suspects(examples);
  for (const std::size_t i : wrong) EXPECT_NE(std::ranges::find(suspects, i), suspects.end()) << i;
  EXPECT_LE(suspects.size(), 6U);
}

TEST(Estimate, SlicesChangeNoBit) {
  const Examples examples = random_examples({6, 5, 9}, 12, 4);
  EstimateJob job(examples, Method::fitted, {});
  double before = 0.0;
  while (!job.step(base::Budget::milliseconds(0))) {
    EXPECT_GE(job.progress(), before);
    before = job.progress();
  }
  EXPECT_EQ(job.progress(), 1.0);
  const auto whole = estimate(examples, Method::fitted, {});
  for (std::size_t i = 0; i < examples.count(); ++i) {
    EXPECT_EQ(job.result()->pictures[i].loss, whole->pictures[i].loss);
    EXPECT_EQ(job.result()->pictures[i].distance, whole->pictures[i].distance);
  }
}

}  // namespace
}  // namespace weightroom::teach
