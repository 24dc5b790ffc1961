// Scores of maps against values worked out by hand (the field's fixtures) and by their definitions.
#include "explain/scores.h"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explain/sanity.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

using testing::ElementsAre;

void finish(base::Task task) {
  while (!task.step()) {
  }
}

// f = 4 a + 3 b + 2 c + d of four pixels, all 1.
test::Net weighted_sum() {
  test::SpecBuilder spec({1, 2, 2});
  spec.add("flatten", "flatten").linear("fc", 1, false);
  return {nn::Graph::build(spec.spec()).value(), {4, 3, 2, 1}, {1, 1, 1, 1}};
}

Curve curve_of(const test::Net& net, std::vector<float> map, Removal removal, int steps, int target = 0) {
  nn::Session session = net.session();
  const MethodInput input = input_of("gradient", session, net, target);
  Curve curve;
  const Trial trial{input, std::move(map), steps};
  finish(removal_curve(trial, removal, curve));
  return curve;
}

TEST(Removal, DeletionOfAWeightedSum) {
  const Curve best = curve_of(weighted_sum(), {4, 3, 2, 1}, Removal::deletion, 4);
  EXPECT_THAT(best.logit, ElementsAre(10, 6, 3, 1, 0));
  EXPECT_EQ(Curve::area(best.logit), 3.75);
  EXPECT_THAT(best.share, ElementsAre(0, 0.25, 0.5, 0.75, 1));
  EXPECT_THAT(best.probability, ElementsAre(1, 1, 1, 1, 1)) << "one class alone";
  const Curve worst = curve_of(weighted_sum(), {1, 2, 3, 4}, Removal::deletion, 4);
  EXPECT_THAT(worst.logit, ElementsAre(10, 9, 7, 4, 0));
  EXPECT_EQ(Curve::area(worst.logit), 6.25);
}

TEST(Removal, InsertionBeginsBlurredAndEndsWithThePicture) {
  const test::Net net = test::chain_net(3);
  nn::Session session = net.session();
  session.forward();
  const auto map = test::random_values(72, 5, "map");
  const Curve curve = curve_of(net, map, Removal::insertion, 8, 1);
  ASSERT_EQ(curve.logit.size(), 9U);
  EXPECT_EQ(curve.logit.back(), static_cast<double>(session.logits().data[1]));
  EXPECT_NE(curve.logit.front(), curve.logit.back());
  for (double p : curve.probability) EXPECT_TRUE(p >= 0.0 && p <= 1.0);
}

TEST(Removal, PixelFlippingTakesEveryColourByItself) {
  test::SpecBuilder spec({2, 1, 2});
  spec.add("flatten", "flatten").linear("fc", 1, false);
  const test::Net net{nn::Graph::build(spec.spec()).value(), {1, 2, 4, 8}, {1, 1, 1, 1}};
  EXPECT_THAT(curve_of(net, {1, 2, 4, 8}, Removal::pixel_flipping, 4).logit, ElementsAre(15, 7, 3, 1, 0));
  EXPECT_THAT(curve_of(net, {1, 2}, Removal::deletion, 2).logit, ElementsAre(15, 5, 0)) << "both colours of a pixel";
}

TEST(Removal, EqualPixelsGoInTheirOrder) {
  EXPECT_THAT(descending(std::vector<float>{1, 3, 3, 2}), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(curve_of(weighted_sum(), {0, 0, 0, 0}, Removal::deletion, 4).logit, ElementsAre(10, 6, 3, 1, 0));
}

// 1 to 9 in three rows: the middle from its eight neighbours, the corner from its three.
TEST(FillIn, TakesTheWeightedMeanOfItsNeighbours) {
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<float> middle = numbers;
  middle[4] = -50.0F;
  std::vector<bool> missing(9, false);
  missing[4] = true;
  fill_in(middle, missing, 3, 3);
  EXPECT_NEAR(middle[4], 5.0, 1e-6);
  std::vector<float> corner = numbers;
  missing.assign(9, false);
  missing[0] = true;
  fill_in(corner, missing, 3, 3);
  EXPECT_NEAR(corner[0], 3.4, 1e-6);
}

// Many at once: each is the weighted mean of its neighbours as they have become.
TEST(FillIn, SolvesForAllAtOnce) {
  constexpr int kHeight = 9, kWidth = 11;
  auto values = test::random_values(kHeight * kWidth, 3, "values");
  const auto before = values;
  std::vector<bool> missing;
  for (float draw : test::random_values(values.size(), 4, "missing", 0.0, 1.0)) missing.push_back(draw < 0.9F);
  fill_in(values, missing, kHeight, kWidth);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const auto at = static_cast<std::size_t>(y * kWidth + x);
      if (!missing[at]) {
        ASSERT_EQ(values[at], before[at]);
        continue;
      }
      double sum = 0.0, weights = 0.0;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if ((dy == 0 && dx == 0) || y + dy < 0 || y + dy >= kHeight || x + dx < 0 || x + dx >= kWidth) continue;
          const double weight = dy == 0 || dx == 0 ? 2.0 : 1.0;
          sum += weight * static_cast<double>(values[static_cast<std::size_t>((y + dy) * kWidth + x + dx)]);
          weights += weight;
        }
      }
      ASSERT_NEAR(values[at], sum / weights, 1e-5) << y << " " << x;
    }
  }
}

TEST(Removal, RoadEndsWithNothingToGoBy) {
  const test::Net net = test::chain_net(4);
  const Curve curve = curve_of(net, test::random_values(72, 6, "map"), Removal::road, 6);
  ASSERT_EQ(curve.logit.size(), 7U);
  for (double value : curve.logit) EXPECT_TRUE(std::isfinite(value));
  EXPECT_NE(curve.logit[1], curve.logit[0]);
}

TEST(Gini, OfKnownLists) {
  EXPECT_NEAR(gini(std::vector<float>{1, 2, 3, 4}), 0.25, 1e-6);
  EXPECT_NEAR(gini(std::vector<float>{-4, 3, -2, 1}), 0.25, 1e-6);
  EXPECT_NEAR(gini(std::vector<float>(10, 2.0F)), 0.0, 1e-9);
  std::vector<float> one(10, 0.0F);
  one[3] = 1.0F;
  EXPECT_NEAR(gini(one), 0.9, 1e-5);
}

TEST(Spearman, OfKnownLists) {
  const std::vector<float> a{1, 2, 3, 4, 5};
  EXPECT_DOUBLE_EQ(spearman(a, a), 1.0);
  EXPECT_DOUBLE_EQ(spearman(a, std::vector<float>{10, 8, 6, 4, 2}), -1.0);
  EXPECT_NEAR(spearman(a, std::vector<float>{5, 6, 7, 8, 7}), 0.8207826816681233, 1e-12) << "scipy.stats.spearmanr";
  EXPECT_EQ(spearman(a, std::vector<float>(5, 1.0F)), 0.0);
}

TEST(StructuralSimilarity, IsOneOfAMapAndItself) {
  const auto map = test::random_values(20 * 14, 7, "map");
  EXPECT_NEAR(structural_similarity(map, map, 20, 14), 1.0, 1e-9);
  auto scaled = map;
  for (float& value : scaled) value *= 3.0F;
  EXPECT_NEAR(structural_similarity(map, scaled, 20, 14), 1.0, 1e-6) << "each is of its own scale";
  const auto other = test::random_values(20 * 14, 8, "other");
  EXPECT_LT(std::fabs(structural_similarity(map, other, 20, 14)), 0.2);
}

// One window, by the formula.
TEST(StructuralSimilarity, FollowsItsFormula) {
  const std::vector<float> a{0.5F, -1.0F, 0.25F, 0.0F}, b{1.0F, 0.5F, -0.5F, 0.25F};
  double ma = 0, mb = 0, va = 0, vb = 0, c = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    ma += a[i] / 4;
    mb += b[i] / 4;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    va += (a[i] - ma) * (a[i] - ma) / 4;
    vb += (b[i] - mb) * (b[i] - mb) / 4;
    c += (a[i] - ma) * (b[i] - mb) / 4;
  }
  const double expected =
      (2 * ma * mb + 0.0004) * (2 * c + 0.0036) / ((ma * ma + mb * mb + 0.0004) * (va + vb + 0.0036));
  EXPECT_NEAR(structural_similarity(a, b, 2, 2), expected, 1e-9);
}

TEST(Infidelity, IsNoneOfTheGradientOfALinearNet) {
  test::SpecBuilder spec({2, 6, 6});
  spec.conv("conv1", 3, 3, 1).pool("pool1", "avg_pool", 2).add("flatten", "flatten").linear("fc", 3);
  const test::Net net = test::random_net(spec.spec(), 5);
  nn::Session session = net.session();
  const MethodInput input = input_of("gradient", session, net, 1);
  const auto map = run_method("gradient", session, net, 1).attribution.values;
  Fidelity fidelity;
  double progress = 0.0;
  finish(infidelity(input, map, 3, fidelity, progress));
  EXPECT_LE(fidelity.infidelity, 1e-6);
  EXPECT_EQ(progress, 1.0);
  finish(infidelity(input, std::vector<float>(map.size(), 0.0F), 3, fidelity, progress));
  EXPECT_DOUBLE_EQ(fidelity.infidelity, 1.0) << "a map of zeros foretells nothing";
}

TEST(Sensitivity, IsNoneWhereTheMapIsTheSameEverywhere) {
  test::SpecBuilder spec({2, 6, 6});
  spec.conv("conv1", 3, 3, 1).add("flatten", "flatten").linear("fc", 3);
  const test::Net linear = test::random_net(spec.spec(), 5);
  const test::Net bent = test::chain_net(6);
  const auto of = [](const test::Net& net) {
    nn::Session session = net.session();
    const auto map = run_method("gradient", session, net, 1).attribution.values;
    Fidelity fidelity;
    double progress = 0.0;
    const MethodInput input = input_of("gradient", session, net, 1);
    finish(sensitivity(*find_method("gradient"), input, map, 3, fidelity, progress));
    EXPECT_EQ(progress, 1.0);
    return fidelity.sensitivity;
  };
  EXPECT_LE(of(linear), 1e-6);
  EXPECT_GT(of(bent), 0.0);
}

TEST(Sanity, RowsOfEveryLayerFromTheLast) {
  const test::Net net = test::chain_net(7);
  nn::Session session = net.session();
  const MethodInput input = input_of("gradient", session, net, 1);
  const auto rows_of = [&](Shuffle shuffle) {
    std::vector<SanityRow> rows;
    double progress = 0.0;
    finish(shuffle_layers(*find_method("gradient"), input, shuffle, 9, rows, progress));
    EXPECT_EQ(progress, 1.0);
    EXPECT_EQ(session.copy_weights(), net.weights) << "it is left as it was";
    return rows;
  };
  const auto cascading = rows_of(Shuffle::cascading);
  const auto independent = rows_of(Shuffle::independent);
  ASSERT_EQ(cascading.size(), 4U);
  EXPECT_EQ(cascading[0].node, net.node("fc2"));
  EXPECT_EQ(cascading[3].node, net.node("conv1"));
  EXPECT_EQ(cascading[0].map, independent[0].map) << "the last layer alone is both";
  EXPECT_NE(cascading[1].map, independent[1].map);
  // By hand: the last two layers as before any training.
  const std::vector<float> random = nn::initial_weights(*net.graph, 9);
  test::Net shuffled = net;
  for (const char* name : {"fc2.weight", "fc2.bias", "fc1.weight", "fc1.bias"}) {
    const auto& weight = net.graph->weights()[static_cast<std::size_t>(net.graph->find_weight(name))];
    std::copy_n(random.begin() + static_cast<std::ptrdiff_t>(weight.offset), weight.shape.size(),
                shuffled.weights.begin() + static_cast<std::ptrdiff_t>(weight.offset));
  }
  const auto map = run_method("gradient", shuffled, 1).attribution.values;
  for (std::size_t i = 0; i < cascading[1].map.size(); ++i)
    ASSERT_FLOAT_EQ(cascading[1].map[i], map[i] + map[i + cascading[1].map.size()]);
  // All of them: biases too are as before any training.
  shuffled.weights = random;
  const auto last = run_method("gradient", shuffled, 1).attribution.values;
  for (std::size_t i = 0; i < cascading[3].map.size(); ++i)
    ASSERT_FLOAT_EQ(cascading[3].map[i], last[i] + last[i + cascading[3].map.size()]);
  // The session that it was asked on stays as it is.
  EXPECT_EQ(session.copy_weights(), net.weights);
}

}  // namespace
}  // namespace weightroom::explain
