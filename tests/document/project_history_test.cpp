#include "document/project_history.h"

#include <gtest/gtest.h>

namespace weightroom::document {
namespace {

ProjectHistory::State project(int classes) {
  auto made = std::make_shared<teach::Project>();
  made->classes.resize(static_cast<std::size_t>(classes));
  return made;
}

TEST(ProjectHistory, TakesBackAndBringsBackInTurn) {
  ProjectHistory history;
  const auto one = project(1);
  const auto two = project(2);
  const auto three = project(3);
  history.push(one, 0);
  history.push(two, 0);
  EXPECT_EQ(history.undo(three), two);
  EXPECT_EQ(history.undo(two), one);
  EXPECT_FALSE(history.can_undo(0));
  EXPECT_EQ(history.redo(one), two);
  EXPECT_EQ(history.redo(two), three);
  EXPECT_FALSE(history.can_redo(0));
}

// What was done after a step on weights is taken back before it, and only then.
TEST(ProjectHistory, KnowsHowManyStepsOnWeightsStoodBeforeIt) {
  ProjectHistory history;
  history.push(project(1), 2);
  EXPECT_TRUE(history.can_undo(2));
  EXPECT_FALSE(history.can_undo(3)) << "the third step comes first";
  EXPECT_FALSE(history.can_undo(1));
  (void)history.undo(project(2));
  EXPECT_FALSE(history.can_redo(1)) << "the second step comes first";
  EXPECT_TRUE(history.can_redo(2));
  history.forget_steps();
  EXPECT_TRUE(history.can_redo(0));
  history.forget_future();
  EXPECT_FALSE(history.can_redo(0));
}

TEST(ProjectHistory, ANewChangeForgetsWhatWasUndone) {
  ProjectHistory history;
  history.push(project(1), 0);
  (void)history.undo(project(2));
  history.push(project(1), 0);
  EXPECT_FALSE(history.can_redo(0));
}

TEST(ProjectHistory, HoldsAThousandChanges) {
  ProjectHistory history;
  for (int i = 0; i < 1100; ++i) history.push(project(1), 0);
  int undone = 0;
  while (history.can_undo(0)) {
    (void)history.undo(project(1));
    ++undone;
  }
  EXPECT_EQ(undone, 1000);
}

}  // namespace
}  // namespace weightroom::document
