#include "lab/history.h"

#include <utility>

namespace weightroom::lab {
namespace {

// Bytes of pages that a state holds and the next newer one does not.
std::size_t own_bytes(const EditState& state, const EditState& newer) {
  std::size_t pages = 0;
  for (std::size_t p = 0; p < state.weights.page_count(); ++p) {
    if (!state.weights.shares_page(newer.weights, p)) ++pages;
  }
  return pages * PagedWeights::kPage * sizeof(float);
}

}  // namespace

void History::push(EditState before) {
  past_.push_back(std::move(before));
  future_.clear();
  trim();
}

EditState History::undo(EditState now) {
  future_.push_back(std::move(now));
  EditState state = std::move(past_.back());
  past_.pop_back();
  return state;
}

EditState History::redo(EditState now) {
  past_.push_back(std::move(now));
  EditState state = std::move(future_.back());
  future_.pop_back();
  return state;
}

void History::clear() {
  past_.clear();
  future_.clear();
  dropped_ = 0;
}

void History::trim() {
  std::size_t bytes = 0;
  std::size_t keep = past_.empty() ? 0 : 1;
  for (std::size_t i = past_.size(); i-- > 1;) {
    bytes += own_bytes(past_[i - 1], past_[i]);
    if (bytes > kMostBytes || keep >= kMostStates) break;
    ++keep;
  }
  while (past_.size() > keep) {
    past_.pop_front();
    ++dropped_;
  }
}

}  // namespace weightroom::lab
