#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "document/edit_state.h"

namespace weightroom::studies {

// What was measured after each step of the history, and before any. It owns no step: of those that nothing can go back
// to any more nothing is kept.
template <class T>
class AfterSteps {
 public:
  // `step` null: before any.
  void put(const std::shared_ptr<const document::Step>& step, T value) {
    std::erase_if(after_, [](const auto& row) { return row.first.expired(); });
    if (step) {
      after_.insert_or_assign(step, std::move(value));
    } else {
      before_any_ = std::move(value);
    }
  }
  // Nothing where it was not measured.
  [[nodiscard]] std::optional<T> find(const std::shared_ptr<const document::Step>& step) const {
    if (!step) return before_any_;
    const auto at = after_.find(step);
    return at == after_.end() ? std::nullopt : std::optional(at->second);
  }
  [[nodiscard]] std::size_t count() const { return after_.size() + (before_any_ ? 1 : 0); }

 private:
  std::optional<T> before_any_;
  std::map<std::weak_ptr<const document::Step>, T, std::owner_less<>> after_;
};

}  // namespace weightroom::studies
