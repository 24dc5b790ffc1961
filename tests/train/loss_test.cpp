#include "train/loss.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "nn/answer.h"
#include "train/evaluate.h"

namespace weightroom::train {
namespace {

// The formula once more, in double and with libm.
double reference(const std::vector<double>& logits, const Target& target, double smoothing) {
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit);
  double loss = 0.0;
  const double classes = static_cast<double>(logits.size());
  for (std::size_t k = 0; k < logits.size(); ++k) {
    double wanted = smoothing / classes;
    const double share = static_cast<double>(target.share);
    if (static_cast<int>(k) == target.first) wanted += (1.0 - smoothing) * share;
    if (static_cast<int>(k) == target.second) wanted += (1.0 - smoothing) * (1.0 - share);
    loss -= wanted * (logits[k] - std::log(sum));
  }
  return loss;
}

struct Case {
  Target target;
  double smoothing;
};

TEST(Loss, ValueAndGradientAgreeWithTheFormula) {
  const std::vector<float> logits{1.5F, -0.25F, 3.0F, 0.0F, -2.0F};
  const std::vector<double> exact(logits.begin(), logits.end());
  for (const Case& at :
       {Case{{2, 2, 1.0F}, 0.0}, Case{{0, 0, 1.0F}, 0.1}, Case{{1, 4, 0.75F}, 0.0}, Case{{3, 2, 0.25F}, 0.2}}) {
    std::vector<float> gradient(logits.size());
    const double loss = cross_entropy(nn::Answer::softmax, logits, at.target, at.smoothing, 0.5, gradient);
    EXPECT_NEAR(loss, reference(exact, at.target, at.smoothing), 1e-12);
    for (std::size_t k = 0; k < logits.size(); ++k) {
      constexpr double kStep = 1e-5;
      std::vector<double> moved = exact;
      moved[k] += kStep;
      const double up = reference(moved, at.target, at.smoothing);
      moved[k] -= 2.0 * kStep;
      const double down = reference(moved, at.target, at.smoothing);
      EXPECT_NEAR(gradient[k], 0.5 * (up - down) / (2.0 * kStep), 1e-7) << k;
    }
  }
}

// Of classes each by itself, in double and with libm.
double reference_of_each(const std::vector<double>& logits, const Target& target, double smoothing) {
  double loss = 0.0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double share = static_cast<double>(target.share);
    double wanted = smoothing / 2.0;
    if (static_cast<int>(k) == target.first) wanted += (1.0 - smoothing) * share;
    if (static_cast<int>(k) == target.second) wanted += (1.0 - smoothing) * (1.0 - share);
    const double p = 1.0 / (1.0 + std::exp(-logits[k]));
    loss -= (wanted * std::log(p) + (1.0 - wanted) * std::log(1.0 - p)) / static_cast<double>(logits.size());
  }
  return loss;
}

TEST(Loss, OfClassesEachByItselfAgreesWithTheFormula) {
  const std::vector<float> logits{1.5F, -0.25F, 3.0F, 0.0F, -2.0F};
  const std::vector<double> exact(logits.begin(), logits.end());
  for (const Case& at : {Case{{2, 2, 1.0F}, 0.0}, Case{{0, 0, 1.0F}, 0.1}, Case{{3, 2, 0.25F}, 0.2}}) {
    std::vector<float> gradient(logits.size());
    const double loss = cross_entropy(nn::Answer::sigmoid, logits, at.target, at.smoothing, 0.5, gradient);
    EXPECT_NEAR(loss, reference_of_each(exact, at.target, at.smoothing), 1e-12);
    for (std::size_t k = 0; k < logits.size(); ++k) {
      constexpr double kStep = 1e-5;
      std::vector<double> moved = exact;
      moved[k] += kStep;
      const double up = reference_of_each(moved, at.target, at.smoothing);
      moved[k] -= 2.0 * kStep;
      const double down = reference_of_each(moved, at.target, at.smoothing);
      EXPECT_NEAR(gradient[k], 0.5 * (up - down) / (2.0 * kStep), 1e-7) << k;
    }
    const std::vector<float> same = nn::loss_gradient(nn::Answer::sigmoid, logits, at.target.first);
    if (at.smoothing == 0.0) {
      for (std::size_t k = 0; k < logits.size(); ++k) EXPECT_NEAR(same[k], 2.0F * gradient[k], 1e-7F) << k;
    }
  }
}

// One number z for two classes has logits -z and z; its loss is what a softmax over 0 and z would have.
TEST(Loss, OfTwoClassesToldByOneNumberIsThatOfTheSoftmax) {
  for (const float z : {-3.0F, 0.0F, 0.7F, 40.0F}) {
    for (const int label : {0, 1}) {
      const std::vector<float> one{-z, z};
      const std::vector<float> two{0.0F, z};
      std::vector<float> each(2), of_two(2);
      EXPECT_NEAR(cross_entropy(nn::Answer::sigmoid, one, {label, label, 1.0F}, 0.0, 1.0, each),
                  cross_entropy(nn::Answer::softmax, two, {label, label, 1.0F}, 0.0, 1.0, of_two), 1e-12);
      EXPECT_NEAR(each[1] - each[0], of_two[1], 1e-7F) << "by z";
      const Judgement judged = judge(nn::Answer::sigmoid, one, label);
      EXPECT_EQ(judged.top, z > 0.0F ? 1 : 0);
      EXPECT_NEAR(judged.confidence, 1.0 / (1.0 + std::exp(-std::fabs(static_cast<double>(z)))), 1e-7);
    }
  }
}

TEST(Loss, LargeLogitsStayFinite) {
  const std::vector<float> logits{1e30F, -1e30F, 0.0F};
  std::vector<float> gradient(3);
  EXPECT_EQ(cross_entropy(nn::Answer::softmax, logits, {0, 0, 1.0F}, 0.0, 1.0, gradient), 0.0);
  EXPECT_EQ(gradient[0], 0.0F);
  EXPECT_TRUE(std::isfinite(cross_entropy(nn::Answer::softmax, logits, {1, 1, 1.0F}, 0.1, 1.0, gradient)));
  for (const float value : gradient) EXPECT_TRUE(std::isfinite(value));
}

TEST(Loss, RankCountsEqualLogitsByIndex) {
  const std::vector<float> logits{1.0F, 2.0F, 2.0F, 0.0F};
  EXPECT_EQ(rank_of(logits, 1), 0);
  EXPECT_EQ(rank_of(logits, 2), 1);
  EXPECT_EQ(rank_of(logits, 0), 2);
  EXPECT_EQ(rank_of(logits, 3), 3);
}

TEST(RankOf, NoNumberIsNoRightAnswer) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(rank_of(std::vector<float>{none, none, none}, 1), 2);
}

}  // namespace
}  // namespace weightroom::train
