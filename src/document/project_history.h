#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "teach/project.h"

namespace weightroom::document {

// Undo and redo of what is done to classes of one's own, beside the steps on weights (history.h): each change knows how
// many of those stood before it, so that both are taken back in the order in which they were done. What is learnt from
// a changed project is another model, with no steps.
class ProjectHistory {
 public:
  using State = std::shared_ptr<const teach::Project>;
  static constexpr std::size_t kMost = 1000;

  void push(State before, std::size_t steps);
  void start() { past_.clear(), future_.clear(); }
  // Another model was learnt: the steps that stood before what was done are gone.
  void forget_steps();
  // A step was made on weights: what was undone cannot come back.
  void forget_future() { future_.clear(); }
  // Whether what was done last, or undone last, is a change of the project and not one of so many steps.
  [[nodiscard]] bool can_undo(std::size_t steps) const { return !past_.empty() && past_.back().steps == steps; }
  [[nodiscard]] bool can_redo(std::size_t steps) const { return !future_.empty() && future_.back().steps == steps; }
  State undo(State now);
  State redo(State now);

 private:
  struct Change {
    State other;  // the project on its other side
    std::size_t steps;
  };
  std::vector<Change> past_;
  std::vector<Change> future_;
};

}  // namespace weightroom::document
