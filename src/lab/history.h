#pragma once

#include <deque>
#include <optional>

#include "lab/document.h"

namespace weightroom::lab {

// Undo and redo of weights: a ring of edit states, bounded by count and by the bytes of pages they hold alone.
class History {
 public:
  static constexpr std::size_t kMostStates = 1000;
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

  // `before` becomes what undo brings back; redo is forgotten.
  void push(EditState before);
  [[nodiscard]] bool can_undo() const { return !past_.empty(); }
  [[nodiscard]] bool can_redo() const { return !future_.empty(); }
  // The state before `now`, which redo then brings back. Requires can_undo().
  EditState undo(EditState now);
  EditState redo(EditState now);
  void clear();
  // Steps that fell off the far end; said in the list of edits.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  void trim();
  std::deque<EditState> past_;
  std::deque<EditState> future_;
  std::size_t dropped_ = 0;
};

}  // namespace weightroom::lab
