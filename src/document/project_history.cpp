#include "document/project_history.h"

#include <utility>

#include "base/check.h"

namespace weightroom::document {

void ProjectHistory::push(State before, std::size_t steps) {
  future_.clear();
  if (past_.size() == kMost) past_.erase(past_.begin());
  past_.push_back({std::move(before), steps});
}

void ProjectHistory::forget_steps() {
  for (auto* changes : {&past_, &future_}) {
    for (Change& change : *changes) change.steps = 0;
  }
}

ProjectHistory::State ProjectHistory::undo(State now) {
  CHECK(!past_.empty());
  Change change = std::move(past_.back());
  past_.pop_back();
  State before = std::exchange(change.other, std::move(now));
  future_.push_back(std::move(change));
  return before;
}

ProjectHistory::State ProjectHistory::redo(State now) {
  CHECK(!future_.empty());
  Change change = std::move(future_.back());
  future_.pop_back();
  State after = std::exchange(change.other, std::move(now));
  past_.push_back(std::move(change));
  return after;
}

}  // namespace weightroom::document
