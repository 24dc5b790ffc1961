#include "document/history.h"

#include <gtest/gtest.h>

namespace weightroom::document {
namespace {

TEST(History, BoundedByCountAndSaysWhatItDropped) {
  History history;
  EditState state;
  state.weights = state.running = PagedWeights(std::vector<float>(10, 1.0F));
  for (std::size_t i = 0; i < History::kMostStates + 5; ++i) history.push(state);
  EXPECT_EQ(history.dropped(), 5U);
}

}  // namespace
}  // namespace weightroom::document
