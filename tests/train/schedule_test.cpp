#include "train/schedule.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace weightroom::train {
namespace {

TEST(Schedule, OneCycleMeetsItsThreeValues) {
  const ScheduleOptions options{
      .kind = ScheduleKind::one_cycle, .rise = 0.25, .start_divisor = 25.0, .final_divisor = 1000.0};
  EXPECT_DOUBLE_EQ(learning_rate(options, 0.5, 0, 100), 0.02);
  EXPECT_DOUBLE_EQ(learning_rate(options, 0.5, 24, 100), 0.5);
  EXPECT_NEAR(learning_rate(options, 0.5, 99, 100), 0.0005, 1e-15);
  EXPECT_NEAR(learning_rate(options, 0.5, 12, 100), 0.26, 1e-15);  // half way up a straight line
}

TEST(Schedule, OneCycleComesDownOnACosine) {
  const ScheduleOptions options{
      .kind = ScheduleKind::one_cycle, .rise = 0.25, .start_divisor = 25.0, .final_divisor = 1000.0};
  for (int step = 25; step < 100; ++step) {
    const double wanted = 0.0005 + (0.5 - 0.0005) * 0.5 * (1.0 + std::cos(std::numbers::pi * (step - 24) / 75.0));
    EXPECT_NEAR(learning_rate(options, 0.5, step, 100), wanted, 1e-12) << step;
  }
}

TEST(Schedule, OneCycleLinearComesDownOnALine) {
  const ScheduleOptions options{
      .kind = ScheduleKind::one_cycle_linear, .rise = 0.1, .start_divisor = 10.0, .final_divisor = 1e9};
  EXPECT_DOUBLE_EQ(learning_rate(options, 1.0, 10, 110), 1.0);
  EXPECT_NEAR(learning_rate(options, 1.0, 59, 109), 0.5, 0.01);
  EXPECT_NEAR(learning_rate(options, 1.0, 109, 110), 0.0, 1e-8);
}

TEST(Schedule, CosineWarmsUpFromNothing) {
  const ScheduleOptions options{.kind = ScheduleKind::cosine, .rise = 0.1, .final_divisor = 1e9};
  EXPECT_DOUBLE_EQ(learning_rate(options, 1.0, 0, 100), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(options, 1.0, 9, 100), 1.0);
  EXPECT_NEAR(learning_rate(options, 1.0, 54, 100), 0.5, 1e-9);
  EXPECT_NEAR(learning_rate(options, 1.0, 99, 100), 0.0, 1e-8);
}

TEST(Schedule, ConstantStaysAtThePeak) {
  const ScheduleOptions options{.kind = ScheduleKind::constant, .rise = 0.0};
  for (int step = 0; step < 10; ++step) EXPECT_EQ(learning_rate(options, 0.3, step, 10), 0.3);
}

TEST(Schedule, ShortRunsAreFinite) {
  for (const auto kind :
       {ScheduleKind::constant, ScheduleKind::cosine, ScheduleKind::one_cycle, ScheduleKind::one_cycle_linear}) {
    for (long long total = 1; total <= 5; ++total) {
      for (long long step = 0; step < total; ++step) {
        for (const double rise : {0.0, 0.3, 1.0}) {
          const double rate = learning_rate({.kind = kind, .rise = rise}, 1.0, step, total);
          EXPECT_TRUE(rate >= 0.0 && rate <= 1.0) << step << " of " << total << ", rise " << rise << ": " << rate;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weightroom::train
