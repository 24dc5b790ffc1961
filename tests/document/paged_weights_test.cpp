#include "document/paged_weights.h"

#include <numeric>

#include <gtest/gtest.h>

namespace weightroom::document {
namespace {

constexpr std::size_t kPage = PagedWeights::kPage;

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

TEST(PagedWeights, LieInTheModelUntilTheyAreChanged) {
  const nn::FlatWeights model = counted(3 * kPage + 5);
  const PagedWeights loaded(model);
  EXPECT_EQ(loaded.page_count(), 4U);
  EXPECT_EQ(loaded.page(2).data(), model.data() + 2 * kPage);
  EXPECT_EQ(loaded.page(3).size(), 5U);
  PagedWeights edited = loaded;
  edited.set(kPage + 7, -1.0F);
  edited.set(3 * kPage + 4, -2.0F);
  EXPECT_EQ(model[kPage + 7], static_cast<float>(kPage + 8)) << "the model is nobody's to change";
  EXPECT_EQ(edited[kPage + 7], -1.0F);
  EXPECT_EQ(edited[3 * kPage + 4], -2.0F);
  EXPECT_TRUE(edited.shares_page(loaded, 0));
  EXPECT_FALSE(edited.shares_page(loaded, 1));
  auto expected = model.copy();
  expected[kPage + 7] = -1.0F;
  expected.back() = -2.0F;
  EXPECT_EQ(edited.flat(), expected);
}

TEST(PagedWeights, AnyRangeIsReadAsOnePiece) {
  const nn::FlatWeights model = counted(4 * kPage);
  PagedWeights edited(model);
  edited.set(2 * kPage + 1, -1.0F);
  auto expected = model.copy();
  expected[2 * kPage + 1] = -1.0F;
  for (const std::size_t from : {std::size_t{0}, kPage - 1, kPage, 2 * kPage, 2 * kPage + 1, 3 * kPage}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, kPage, kPage + 3, 2 * kPage}) {
      if (from + count > expected.size()) continue;
      std::vector<float> scratch;
      const auto values = edited.values(from, count, scratch);
      ASSERT_TRUE(std::equal(values.begin(), values.end(), expected.begin() + static_cast<std::ptrdiff_t>(from),
                             expected.begin() + static_cast<std::ptrdiff_t>(from + count)))
          << from << " " << count;
    }
  }
  std::vector<float> scratch;
  EXPECT_EQ(edited.values(10, kPage, scratch).data(), model.data() + 10) << "nothing is copied that need not be";
  EXPECT_TRUE(scratch.empty());
}

TEST(PagedWeights, OutliveTheModel) {
  PagedWeights pages;
  {
    const nn::FlatWeights model = counted(kPage + 1);
    pages = PagedWeights(model);
  }
  EXPECT_EQ(pages[kPage], static_cast<float>(kPage + 1));
}

TEST(PagedWeights, CopiesOnePageOnly) {
  std::vector<float> values(10'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const PagedWeights a(values);
  PagedWeights b = a;
  b.set(5000, -1.0F);
  EXPECT_EQ(a[5000], 5000.0F);
  EXPECT_EQ(b[5000], -1.0F);
  EXPECT_TRUE(a.shares_page(b, 0));
  EXPECT_FALSE(a.shares_page(b, 1));
  EXPECT_TRUE(a.shares_page(b, 2));
  EXPECT_EQ(a.flat(), values);
}

TEST(PagedWeights, WhatIsEqualAgainIsSharedAgain) {
  const PagedWeights a(counted(3 * kPage));
  PagedWeights b = a;
  b.set(5, 0.5F);
  b.set(kPage + 5, 0.5F);
  b.set(5, a[5]);
  EXPECT_FALSE(b.shares_page(a, 0));
  b.share_equal(a);
  EXPECT_TRUE(b.shares_page(a, 0));
  EXPECT_FALSE(b.shares_page(a, 1));
  EXPECT_EQ(b[kPage + 5], 0.5F);
}

}  // namespace
}  // namespace weightroom::document
