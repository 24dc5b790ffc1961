#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/job.h"

// A tensor too large to be drawn whole, at every coarseness: level 0 is its weights; each further level joins cells of
// the one before and keeps the strongest (largest without sign), so that no strong weight is lost however far away it
// is looked at from. Rows are read anew as they change, a few a frame.
namespace weightroom::ui::wall {

struct Grid {
  std::size_t offset = 0;   // flat index of the first weight
  int rows = 0;             // kernels below each other; of a matrix: rows of weights
  int columns = 0;          // kernels beside each other; of a matrix: weights in a row
  int each = 1;             // weights in a kernel
  bool rows_apart = false;  // a gap between rows and none between columns: rows are never joined
  [[nodiscard]] std::size_t row_size() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(each);
  }
  [[nodiscard]] bool operator==(const Grid&) const = default;
};

class Levels {
 public:
  // out.size() values from flat index `first` on.
  using Read = std::function<void(std::size_t first, std::span<float> out)>;

  explicit Levels(const Grid& grid);

  [[nodiscard]] const Grid& grid() const { return grid_; }
  [[nodiscard]] int count() const { return static_cast<int>(levels_.size()); }
  // A cell of the level joins so many kernels (of a matrix: weights); 1 at level 0, and at level 1 where kernels have
  // more than one weight.
  [[nodiscard]] int joins_columns(int level) const { return levels_[static_cast<std::size_t>(level)].join_x; }
  [[nodiscard]] int joins_rows(int level) const { return levels_[static_cast<std::size_t>(level)].join_y; }
  [[nodiscard]] int columns(int level) const { return levels_[static_cast<std::size_t>(level)].columns; }
  [[nodiscard]] int rows(int level) const { return levels_[static_cast<std::size_t>(level)].rows; }

  // What was read may be other values now.
  void change_all();
  void change(std::size_t first, std::size_t past);  // flat indices
  // Reads and joins for about `budget`; true once every level is up to date.
  bool step(const Read& read, const base::Budget& budget);

  // Changes with the values of these rows of a level; 0 while one of them has never been joined.
  [[nodiscard]] std::uint64_t version(int level, int first_row, int past_row) const;
  // The cells of a level from (first_row, first_column) on, row after row; at level 0 all weights of each kernel.
  void copy(int level, int first_row, int first_column, int rows, int columns, const Read& read,
            std::vector<float>& out) const;
  // The largest value without sign, once everything is up to date.
  [[nodiscard]] float largest() const;

 private:
  struct Level {
    int columns = 0;
    int rows = 0;
    int join_x = 1;
    int join_y = 1;
    std::vector<float> values{};  // (rows, columns); of level 0 none: they are read where they lie
    std::vector<std::uint64_t> version{};
    std::vector<bool> stale{};
    int first_stale = 0;
  };
  void join_row(std::size_t level, int row, const Read& read);

  Grid grid_;
  std::vector<Level> levels_;
  std::uint64_t clock_ = 1;
  std::vector<float> scratch_;
};

}  // namespace weightroom::ui::wall
