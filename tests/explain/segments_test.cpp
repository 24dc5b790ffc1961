#include "explain/segments.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::explain {
namespace {

void expect_partition(const Segments& segments, std::size_t pixels) {
  ASSERT_EQ(segments.of.size(), pixels);
  ASSERT_EQ(segments.sizes.size(), static_cast<std::size_t>(segments.count));
  std::vector<std::size_t> counted(segments.sizes.size(), 0);
  for (int piece : segments.of) {
    ASSERT_TRUE(piece >= 0 && piece < segments.count);
    ++counted[static_cast<std::size_t>(piece)];
  }
  EXPECT_EQ(counted, segments.sizes);
  EXPECT_GT(*std::ranges::min_element(counted), 0U);
}

// Pieces of equal numbers that hang together.
int components(const Segments& segments, int height, int width) {
  std::vector<bool> seen(segments.of.size(), false);
  int count = 0;
  for (std::size_t start = 0; start < seen.size(); ++start) {
    if (seen[start]) continue;
    ++count;
    std::vector<int> stack{static_cast<int>(start)};
    seen[start] = true;
    while (!stack.empty()) {
      const int at = stack.back();
      stack.pop_back();
      for (const auto [dy, dx] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
        const int y = at / width + dy, x = at % width + dx;
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        const auto to = static_cast<std::size_t>(y * width + x);
        if (seen[to] || segments.of[to] != segments.of[start]) continue;
        seen[to] = true;
        stack.push_back(static_cast<int>(to));
      }
    }
  }
  return count;
}

TEST(Grid, CoversThePictureInRectangles) {
  for (const auto& [height, width, wanted] : {std::tuple{64, 64, 36}, {28, 28, 9}, {9, 8, 6}, {1, 3, 3}, {5, 40, 7}}) {
    const Segments grid = grid_segments({3, height, width}, wanted);
    expect_partition(grid, static_cast<std::size_t>(height * width));
    EXPECT_LE(grid.count, wanted);
    EXPECT_GE(grid.count, wanted / 2);
    EXPECT_EQ(components(grid, height, width), grid.count);
  }
  EXPECT_EQ(grid_segments({3, 64, 64}, 36).count, 36);
  EXPECT_EQ(grid_segments({1, 2, 2}, 100).count, 4) << "a pixel is the least piece";
}

TEST(Slic, PiecesHangTogether) {
  const nn::Shape shape{3, 40, 48};
  const auto picture = test::random_values(shape.size(), 3, "picture");
  const Segments pieces = slic_segments(picture, shape, 30);
  expect_partition(pieces, 40 * 48);
  EXPECT_EQ(components(pieces, 40, 48), pieces.count);
  EXPECT_GT(pieces.count, 10);
  EXPECT_LE(pieces.count, 60);
}

// A dark half and a light one: no piece lies across the edge between them, though it is no line of the grid.
TEST(Slic, KeepsToEdges) {
  const nn::Shape shape{1, 40, 40};
  std::vector<float> picture(shape.size());
  const auto light = [](std::size_t i) { return i % 40 >= 17; };
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = light(i) ? 2.0F : -2.0F;
  const Segments pieces = slic_segments(picture, shape, 16);
  std::vector<std::set<bool>> sides(static_cast<std::size_t>(pieces.count));
  for (std::size_t i = 0; i < picture.size(); ++i) sides[static_cast<std::size_t>(pieces.of[i])].insert(light(i));
  for (const auto& side : sides) EXPECT_EQ(side.size(), 1U);
  const Segments grid = grid_segments(shape, 16);
  EXPECT_NE(pieces.of, grid.of);
}

TEST(Spread, SharesANumberAmongItsPixels) {
  const Segments grid = grid_segments({1, 4, 4}, 4);
  std::vector<float> values(16);
  spread(grid, std::vector<double>{4.0, 8.0, -4.0, 0.0}, values);
  EXPECT_EQ(values[0], 1.0F);
  EXPECT_EQ(values[3], 2.0F);
  EXPECT_EQ(values[12], -1.0F);
  EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0.0F), 8.0F);
}

}  // namespace
}  // namespace weightroom::explain
