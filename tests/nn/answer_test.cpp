#include "nn/answer.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace weightroom::nn {
namespace {

TEST(Answer, ProbabilitiesAreTheSoftmax) {
  const std::vector<float> p = probabilities(Answer::softmax, std::vector<float>{1.0F, 2.0F, -3.0F});
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(-3.0);
  EXPECT_FLOAT_EQ(p[0], static_cast<float>(std::exp(1.0) / sum));
  EXPECT_FLOAT_EQ(p[1], static_cast<float>(std::exp(2.0) / sum));
  EXPECT_FLOAT_EQ(p[2], static_cast<float>(std::exp(-3.0) / sum));
}

TEST(Answer, LargeLogitsDoNotOverflow) {
  const float large = std::numeric_limits<float>::max();
  EXPECT_EQ(probabilities(Answer::softmax, std::vector<float>{large, -large}), (std::vector<float>{1.0F, 0.0F}));
  EXPECT_EQ(probabilities(Answer::softmax, std::vector<float>{large, large}), (std::vector<float>{0.5F, 0.5F}));
}

TEST(Answer, SigmoidsAreEachByThemselves) {
  const std::vector<float> p = probabilities(Answer::sigmoid, std::vector<float>{0.0F, 2.0F, -3.0F, 1e30F, -1e30F});
  EXPECT_EQ(p[0], 0.5F);
  EXPECT_FLOAT_EQ(p[1], static_cast<float>(1.0 / (1.0 + std::exp(-2.0))));
  EXPECT_FLOAT_EQ(p[2], static_cast<float>(1.0 / (1.0 + std::exp(3.0))));
  EXPECT_EQ(p[3], 1.0F);
  EXPECT_EQ(p[4], 0.0F);
  EXPECT_STREQ(name_of(Answer::sigmoid), "sigmoid");
  EXPECT_STREQ(name_of(Answer::softmax), "softmax");
}

TEST(Answer, BestFirstPutsTheLowerOfEqualsFirst) {
  EXPECT_EQ(best_first(std::vector<float>{0.5F, 2.0F, 0.5F, -1.0F}), (std::vector<int>{1, 0, 2, 3}));
}

TEST(Answer, TheBestIsTheFirstOfAll) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& values : std::vector<std::vector<float>>{
           {1, 3, 3, 2}, {nan, 1}, {nan, nan}, {-inf, nan, -inf}, {inf, 5, inf}, {-0.0F, 0.0F}, {7}})
    EXPECT_EQ(best_of(values), best_first(values)[0]);
  EXPECT_EQ(best_of({}), -1);
}

TEST(Answer, WhatIsNoNumberComesLast) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const float all = std::numeric_limits<float>::infinity();
  EXPECT_EQ(best_first(std::vector<float>{none, 1.0F, all, none, 3.0F}), (std::vector<int>{2, 4, 1, 0, 3}));
  EXPECT_TRUE(all_finite(std::vector<float>{0.0F, -3e38F}));
  EXPECT_FALSE(all_finite(std::vector<float>{0.0F, none}));
  EXPECT_FALSE(all_finite(std::vector<float>{-all, 1.0F}));
}

}  // namespace
}  // namespace weightroom::nn
