#include "ui/wall/levels.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace weightroom::ui::wall {
namespace {

float stronger(float a, float b) { return std::abs(b) > std::abs(a) ? b : a; }

float strongest(std::span<const float> values) {
  float best = 0.0F;
  for (const float value : values) best = stronger(best, value);
  return best;
}

int joined(int count, int by) { return (count + by - 1) / by; }

}  // namespace

Levels::Levels(const Grid& grid) : grid_(grid) {
  constexpr int kCoarsest = 256;  // cells a side: one texture
  Level level{.columns = grid.columns, .rows = grid.rows};
  level.version.assign(static_cast<std::size_t>(level.rows), clock_);
  levels_.push_back(level);
  bool kernels = grid.each > 1;  // become cells of their own first
  while (levels_.size() < 2 || kernels || level.columns > kCoarsest || (!grid.rows_apart && level.rows > kCoarsest)) {
    if (!kernels) {
      level.columns = joined(level.columns, 2);
      level.join_x *= 2;
      if (!grid.rows_apart) {
        level.rows = joined(level.rows, 2);
        level.join_y *= 2;
      }
    }
    kernels = false;
    const auto rows = static_cast<std::size_t>(level.rows);
    level.values.assign(rows * static_cast<std::size_t>(level.columns), 0.0F);
    level.version.assign(rows, 0);
    level.stale.assign(rows, true);
    levels_.push_back(level);
  }
}

void Levels::change_all() {
  ++clock_;
  std::ranges::fill(levels_[0].version, clock_);
  for (std::size_t l = 1; l < levels_.size(); ++l) {
    levels_[l].stale.assign(levels_[l].stale.size(), true);
    levels_[l].first_stale = 0;
  }
}

void Levels::change(std::size_t first, std::size_t past) {
  const std::size_t size = grid_.row_size() * static_cast<std::size_t>(grid_.rows);
  const std::size_t from = std::max(first, grid_.offset) - grid_.offset;
  const std::size_t to = std::min(past, grid_.offset + size);
  if (to <= grid_.offset + from) return;
  ++clock_;
  const auto first_row = static_cast<int>(from / grid_.row_size());
  const auto last_row = static_cast<int>((to - grid_.offset - 1) / grid_.row_size());
  for (int row = first_row; row <= last_row; ++row) levels_[0].version[static_cast<std::size_t>(row)] = clock_;
  for (std::size_t l = 1; l < levels_.size(); ++l) {
    Level& level = levels_[l];
    for (int row = first_row / level.join_y; row <= last_row / level.join_y; ++row)
      level.stale[static_cast<std::size_t>(row)] = true;
    level.first_stale = std::min(level.first_stale, first_row / level.join_y);
  }
}

bool Levels::step(const Read& read, const base::Budget& budget) {
  for (std::size_t l = 1; l < levels_.size(); ++l) {
    Level& level = levels_[l];
    for (; level.first_stale < level.rows; ++level.first_stale) {
      const auto row = static_cast<std::size_t>(level.first_stale);
      if (!level.stale[row]) continue;
      if (budget.spent()) return false;
      join_row(l, level.first_stale, read);
      level.stale[row] = false;
      level.version[row] = clock_;
    }
  }
  return true;
}

// Both kinds of joining: the weights of each kernel, or two by two cells (two beside each other where rows stay apart).
void Levels::join_row(std::size_t l, int row, const Read& read) {
  Level& level = levels_[l];
  const Level& finer = levels_[l - 1];
  float* out = level.values.data() + static_cast<std::ptrdiff_t>(row) * level.columns;
  const auto width = static_cast<std::size_t>(level.columns);
  if (level.join_x == finer.join_x) {
    scratch_.resize(grid_.row_size());
    read(grid_.offset + static_cast<std::size_t>(row) * grid_.row_size(), scratch_);
    const auto each = static_cast<std::size_t>(grid_.each);
    for (std::size_t c = 0; c < width; ++c) out[c] = strongest(std::span(scratch_).subspan(c * each, each));
    return;
  }
  const int below = level.join_y / finer.join_y;  // 1 or 2
  const auto from = static_cast<std::size_t>(finer.columns);
  for (int k = 0; k < below && row * below + k < finer.rows; ++k) {
    const auto source = static_cast<std::size_t>(row * below + k);
    std::span<const float> cells(finer.values);
    if (l == 1) {  // of weights themselves
      scratch_.resize(from);
      read(grid_.offset + source * from, scratch_);
      cells = scratch_;
    } else {
      cells = cells.subspan(source * from, from);
    }
    for (std::size_t c = 0; c < width; ++c) {
      const float pair = 2 * c + 1 < from ? stronger(cells[2 * c], cells[2 * c + 1]) : cells[2 * c];
      out[c] = k == 0 ? pair : stronger(out[c], pair);
    }
  }
}

std::uint64_t Levels::version(int level, int first_row, int past_row) const {
  const auto& versions = levels_[static_cast<std::size_t>(level)].version;
  std::uint64_t last = 0;
  for (int row = first_row; row < past_row; ++row) {
    const std::uint64_t one = versions[static_cast<std::size_t>(row)];
    if (one == 0) return 0;
    last = std::max(last, one);
  }
  return last;
}

void Levels::copy(int level, int first_row, int first_column, int rows, int columns, const Read& read,
                  std::vector<float>& out) const {
  const Level& from = levels_[static_cast<std::size_t>(level)];
  CHECK(first_row + rows <= from.rows && first_column + columns <= from.columns);
  const auto each = static_cast<std::size_t>(level == 0 ? grid_.each : 1);
  const std::size_t width = static_cast<std::size_t>(columns) * each;
  const std::size_t pitch = static_cast<std::size_t>(from.columns) * each;
  out.resize(width * static_cast<std::size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    const auto to = std::span(out).subspan(static_cast<std::size_t>(row) * width, width);
    const std::size_t at =
        static_cast<std::size_t>(first_row + row) * pitch + static_cast<std::size_t>(first_column) * each;
    if (level == 0) {
      read(grid_.offset + at, to);
    } else {
      std::ranges::copy(std::span(from.values).subspan(at, width), to.begin());
    }
  }
}

float Levels::largest() const { return std::abs(strongest(levels_.back().values)); }

}  // namespace weightroom::ui::wall
