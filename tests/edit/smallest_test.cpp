#include "edit/smallest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::edit {
namespace {

std::vector<std::size_t> taken(const std::vector<float>& scores, std::size_t wanted) {
  Smallest smallest(scores, wanted);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (smallest.takes(scores[i])) found.push_back(i);
  }
  return found;
}

// By sorting, stably.
std::vector<std::size_t> sorted(const std::vector<float>& scores, std::size_t wanted) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(scores[i] + 0.0F, i); });
  order.resize(std::min(wanted, order.size()));
  std::ranges::sort(order);
  return order;
}

TEST(Smallest, AgreesWithSorting) {
  base::Rng rng(1, "scores");
  for (int round = 0; round < 200; ++round) {
    std::vector<float> scores(1 + rng.below(300));
    const bool ties = round % 2 == 0;
    for (float& score : scores) {
      score = ties ? static_cast<float>(rng.below(5)) * 0.25F : static_cast<float>(std::abs(rng.normal()));
      if (rng.below(40) == 0) score = std::numeric_limits<float>::infinity();
      if (rng.below(40) == 0) score = 1e-42F;
    }
    for (const std::size_t wanted : {std::size_t{0}, std::size_t{1}, scores.size() / 3, scores.size()})
      EXPECT_EQ(taken(scores, wanted), sorted(scores, wanted)) << round << " " << wanted;
  }
}

TEST(Smallest, BothZerosAreOne) {
  EXPECT_EQ(taken({0.5F, 0.0F, -0.0F, 0.0F}, 2), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(taken({}, 0), std::vector<std::size_t>{});
}

}  // namespace
}  // namespace weightroom::edit
