#include "base/sort.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace weightroom::base {
namespace {

TEST(Sort, OrdersAsTheLibraryDoes) {
  Rng rng(3, "sort");
  for (std::size_t count = 0; count < 200; ++count) {
    std::vector<int> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<int>(rng.below(50)));
    std::vector<int> expected = values;
    std::ranges::sort(expected);
    base::sort(values);
    EXPECT_EQ(values, expected) << count;
    std::ranges::sort(expected, std::ranges::greater{});
    base::sort(values, std::ranges::greater{});
    EXPECT_EQ(values, expected) << count;
  }
}

TEST(Sort, TakesAProjectionAndMovesWhatItSorts) {
  struct Row {
    std::string name;
    int size;
  };
  std::vector<Row> rows{{"a long name that lies on the heap", 3}, {"b", 1}, {"c", 2}};
  base::sort(rows, {}, &Row::size);
  EXPECT_EQ(rows[0].name, "b");
  EXPECT_EQ(rows[2].name, "a long name that lies on the heap");
  base::sort(rows, {}, [](const Row& row) { return std::pair(-row.size, row.name); });
  EXPECT_EQ(rows[0].size, 3);
  std::vector<Row> none;
  base::sort(none, {}, &Row::size);
}

}  // namespace
}  // namespace weightroom::base
