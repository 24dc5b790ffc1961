#pragma once

#include <string>
#include <vector>

#include "ui/panel.h"

// The confusion matrix itself, for the card that it stands in.
namespace weightroom::ui {

struct Matrix {
  const View& view;
  const studies::Evaluation& now;
  const studies::Evaluation& before;
  std::vector<std::size_t> classes;  // with pictures, or answered
  bool change = false;               // since the unedited model

  [[nodiscard]] int count(std::size_t truth, std::size_t answer) const {
    return now.confusion[truth * now.class_count.size() + answer];
  }
  [[nodiscard]] int counted_before(std::size_t truth, std::size_t answer) const {
    return before.confusion[truth * now.class_count.size() + answer];
  }
  [[nodiscard]] int changed(std::size_t truth, std::size_t answer) const {
    return count(truth, answer) - counted_before(truth, answer);
  }
};

// "+3", "−2", "0".
[[nodiscard]] std::string signed_count(int value);
// Shows the pictures of a cell, or, once more, none.
void press_cell(const Matrix& matrix, std::size_t truth, std::size_t answer, UiState& ui, CommandQueue& commands);
// A sentence about the cell that is pointed at, or chosen, and below it a row for each class.
void draw_grid(const Matrix& matrix, float width, UiState& ui, CommandQueue& commands);

}  // namespace weightroom::ui
