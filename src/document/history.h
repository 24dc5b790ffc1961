#pragma once

#include <deque>
#include <functional>

#include "document/document.h"

namespace weightroom::document {

// Undo and redo. Of every state its steps are kept; its weights as long as all of them together hold no more than
// `most_bytes` of pages, those next to the present first. Others are made again from an earlier state's weights, or the
// loaded ones, by the commands of the steps in between: to the same bytes.
class History {
 public:
  static constexpr std::size_t kMostStates = 1000;
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
  explicit History(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // The state after one more step.
  using Replay = std::function<EditState(const EditState& from, const Step& step)>;

  // `loaded` is the state before every step.
  void start(EditState loaded, Replay replay);
  // `before` becomes what undo brings back; redo is forgotten.
  void push(EditState before);
  [[nodiscard]] bool can_undo() const { return !past_.empty(); }
  [[nodiscard]] bool can_redo() const { return !future_.empty(); }
  // The state before `now`, which redo then brings back. Requires can_undo().
  EditState undo(EditState now);
  EditState redo(EditState now);
  // What undo would give; and the same for good: the last step has never been. Both require can_undo().
  [[nodiscard]] const EditState& before_last();
  void drop_last(const EditState& now);
  // Steps that fell off the far end; said in the list of edits.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  // Bytes of pages that the states hold and the present one, `now`, does not.
  [[nodiscard]] std::size_t held_bytes(const EditState& now) const;

 private:
  void trim(const EditState& now);
  void restore(std::size_t index);

  std::size_t most_bytes_;
  EditState loaded_;
  Replay replay_;
  std::deque<EditState> past_;    // the oldest first; without weights where they were let go
  std::deque<EditState> future_;  // the furthest first
  std::size_t dropped_ = 0;
};

}  // namespace weightroom::document
