#include "studies/after_steps.h"

#include <gtest/gtest.h>

namespace weightroom::studies {
namespace {

std::shared_ptr<const document::Step> a_step() { return std::make_shared<const document::Step>(); }

TEST(AfterSteps, TellWhatWasPutInForEachStep) {
  AfterSteps<int> after;
  const auto first = a_step();
  const auto second = a_step();
  EXPECT_FALSE(after.find(nullptr).has_value());
  EXPECT_FALSE(after.find(first).has_value());
  after.put(first, 1);
  EXPECT_FALSE(after.find(nullptr).has_value());
  after.put(nullptr, 0);
  after.put(second, 2);
  after.put(first, 11);
  EXPECT_EQ(after.find(nullptr), 0);
  EXPECT_EQ(after.find(first), 11);
  EXPECT_EQ(after.find(second), 2);
}

TEST(AfterSteps, KeepNoStepAndNothingOfThoseThatAreGone) {
  AfterSteps<int> after;
  after.put(nullptr, 0);
  auto gone = a_step();
  const std::weak_ptr<const document::Step> watched = gone;
  after.put(gone, 1);
  gone.reset();
  EXPECT_TRUE(watched.expired());
  const auto kept = a_step();
  after.put(kept, 2);
  EXPECT_EQ(after.count(), 2U);
  EXPECT_EQ(after.find(kept), 2);
  EXPECT_EQ(after.find(nullptr), 0);
}

}  // namespace
}  // namespace weightroom::studies
