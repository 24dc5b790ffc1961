// Large layers: every coarseness against a plain search for the strongest weight.
#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "ui/wall/levels.h"

namespace weightroom::ui::wall {
namespace {

struct Source {
  std::vector<float> values;
  std::size_t read = 0;  // values asked for so far
  Levels::Read reader() {
    return [this](std::size_t first, std::span<float> out) {
      read += out.size();
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first), out.size(), out.begin());
    };
  }
};

Source random_source(const Grid& grid) {
  Source source;
  base::Rng rng(7, "wall");
  source.values.resize(grid.offset + grid.row_size() * static_cast<std::size_t>(grid.rows) + 5);
  for (float& value : source.values) value = static_cast<float>(rng.normal());
  return source;
}

float strongest(const Source& source, const Grid& g, int row, int past_row, int column, int past_column) {
  float best = 0.0F;
  for (int r = row; r < std::min(past_row, g.rows); ++r) {
    for (int c = column; c < std::min(past_column, g.columns); ++c) {
      for (int e = 0; e < g.each; ++e) {
        const std::size_t at = g.offset + static_cast<std::size_t>(r) * g.row_size() +
                               static_cast<std::size_t>(c) * static_cast<std::size_t>(g.each) +
                               static_cast<std::size_t>(e);
        if (std::abs(source.values[at]) > std::abs(best)) best = source.values[at];
      }
    }
  }
  return best;
}

void expect_exact(const Levels& levels, Source& source) {
  const Grid& g = levels.grid();
  std::vector<float> cells;
  for (int level = 1; level < levels.count(); ++level) {
    const int x = levels.joins_columns(level);
    const int y = levels.joins_rows(level);
    ASSERT_EQ(levels.columns(level), (g.columns + x - 1) / x);
    ASSERT_EQ(levels.rows(level), (g.rows + y - 1) / y);
    levels.copy(level, 0, 0, levels.rows(level), levels.columns(level), source.reader(), cells);
    for (int r = 0; r < levels.rows(level); ++r) {
      for (int c = 0; c < levels.columns(level); ++c) {
        ASSERT_EQ(cells[static_cast<std::size_t>(r * levels.columns(level) + c)],
                  strongest(source, g, r * y, (r + 1) * y, c * x, (c + 1) * x))
            << level << " " << r << " " << c;
      }
    }
  }
}

class LevelsOf : public ::testing::TestWithParam<Grid> {};

TEST_P(LevelsOf, KeepTheStrongestWeightOfEveryCell) {
  const Grid grid = GetParam();
  Source source = random_source(grid);
  Levels levels(grid);
  EXPECT_EQ(levels.version(levels.count() - 1, 0, 1), 0U) << "nothing has been read";
  int slices = 0;
  while (!levels.step(source.reader(), base::Budget::milliseconds(0.0))) {
    (void)levels.step(source.reader(), base::Budget::milliseconds(0.2));
    ASSERT_LT(++slices, 100'000);
  }
  expect_exact(levels, source);
  EXPECT_LE(levels.columns(levels.count() - 1), 256);
  if (!grid.rows_apart) EXPECT_LE(levels.rows(levels.count() - 1), 256);
  EXPECT_EQ(source.read, grid.row_size() * static_cast<std::size_t>(grid.rows)) << "each weight is read once";
}

TEST_P(LevelsOf, AChangedWeightIsReadWithItsRowAlone) {
  const Grid grid = GetParam();
  Source source = random_source(grid);
  Levels levels(grid);
  ASSERT_TRUE(levels.step(source.reader(), base::Budget::unlimited()));
  const int row = grid.rows / 2;
  const std::size_t at = grid.offset + static_cast<std::size_t>(row) * grid.row_size() + grid.row_size() / 3;
  source.values[at] = -50.0F;
  source.read = 0;
  const std::uint64_t before = levels.version(0, 0, grid.rows);
  const int last = levels.count() - 1;
  const int far = levels.rows(last) > 1 && row / levels.joins_rows(last) > 0 ? 0 : -1;
  const std::uint64_t far_before = far < 0 ? 0 : levels.version(last, far, far + 1);
  const auto version_at = [&](int level) {
    const int place = row / levels.joins_rows(level);
    return levels.version(level, place, place + 1);
  };
  std::vector<std::uint64_t> drawn;
  for (int level = 0; level < levels.count(); ++level) drawn.push_back(version_at(level));
  levels.change(at, at + 1);
  EXPECT_GT(levels.version(0, row, row + 1), before);
  EXPECT_EQ(levels.version(0, 0, row), before) << "the rows before it keep theirs";
  ASSERT_TRUE(levels.step(source.reader(), base::Budget::unlimited()));
  EXPECT_LE(source.read, 2 * grid.row_size());
  for (int level = 0; level < levels.count(); ++level)
    EXPECT_GT(version_at(level), drawn[static_cast<std::size_t>(level)]) << level << ": who has drawn it draws it anew";
  expect_exact(levels, source);
  EXPECT_EQ(levels.largest(), 50.0F);
  if (far >= 0) EXPECT_EQ(levels.version(last, far, far + 1), far_before);
  source.values[at] = 0.0F;
  levels.change_all();
  ASSERT_TRUE(levels.step(source.reader(), base::Budget::unlimited()));
  expect_exact(levels, source);
  EXPECT_LT(levels.largest(), 10.0F);
}

TEST_P(LevelsOf, WhatLiesOutsideTheGridChangesNothing) {
  const Grid grid = GetParam();
  Source source = random_source(grid);
  Levels levels(grid);
  ASSERT_TRUE(levels.step(source.reader(), base::Budget::unlimited()));
  const std::uint64_t before = levels.version(0, 0, grid.rows);
  levels.change(0, grid.offset);
  levels.change(grid.offset + grid.row_size() * static_cast<std::size_t>(grid.rows), 1U << 30U);
  EXPECT_EQ(levels.version(0, 0, grid.rows), before);
}

TEST_P(LevelsOf, PartsAreCopiedAsTheyLie) {
  const Grid grid = GetParam();
  Source source = random_source(grid);
  Levels levels(grid);
  ASSERT_TRUE(levels.step(source.reader(), base::Budget::unlimited()));
  std::vector<float> part;
  levels.copy(0, 1, 2, 3, 3, source.reader(), part);
  ASSERT_EQ(part.size(), 9U * static_cast<std::size_t>(grid.each));
  const std::size_t width = 3U * static_cast<std::size_t>(grid.each);
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::size_t at =
        grid.offset + (1 + i / width) * grid.row_size() + 2U * static_cast<std::size_t>(grid.each) + i % width;
    ASSERT_EQ(part[i], source.values[at]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, LevelsOf,
                         ::testing::Values(Grid{0, 300, 300, 9, false}, Grid{17, 301, 523, 1, false},
                                           Grid{3, 7, 3001, 1, true}, Grid{11, 600, 5, 9, false},
                                           Grid{0, 5, 700, 25, false}));

}  // namespace
}  // namespace weightroom::ui::wall
