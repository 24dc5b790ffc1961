#include "document/history.h"

#include <utility>

namespace weightroom::document {
namespace {

bool has_weights(const EditState& state) { return state.weights.page_count() > 0; }

void let_go(EditState& state) { state.weights = state.running = {}; }

// Bytes of pages that a state holds and another one does not.
std::size_t own_bytes(const EditState& state, const EditState& other) {
  std::size_t bytes = state.weights.bytes_besides(other.weights);
  if (!state.running.same(state.weights)) bytes += state.running.bytes_besides(other.running);
  return bytes;
}

// Lets go of the weights of all states that no longer fit, which lie farther away than those that do.
std::size_t keep_near(std::deque<EditState>& states, const EditState& now, std::size_t most) {
  std::size_t bytes = 0;
  const EditState* nearer = &now;
  bool fits = true;
  for (std::size_t i = states.size(); i-- > 0;) {
    if (!has_weights(states[i])) continue;
    const std::size_t own = own_bytes(states[i], *nearer);
    fits = fits && bytes + own <= most;
    if (!fits) {
      let_go(states[i]);
      continue;
    }
    bytes += own;
    nearer = &states[i];
  }
  return bytes;
}

}  // namespace

void History::start(EditState loaded, Replay replay) {
  loaded_ = std::move(loaded);
  replay_ = std::move(replay);
  past_.clear();
  future_.clear();
  dropped_ = 0;
}

void History::push(EditState before) {
  past_.push_back(std::move(before));
  future_.clear();
  if (past_.size() > kMostStates) {
    past_.pop_front();
    ++dropped_;
  }
  trim(past_.back());
}

EditState History::undo(EditState now) {
  if (!has_weights(past_.back())) restore(past_.size() - 1);
  EditState state = std::move(past_.back());
  past_.pop_back();
  future_.push_back(std::move(now));
  trim(state);
  return state;
}

const EditState& History::before_last() {
  if (!has_weights(past_.back())) restore(past_.size() - 1);
  return past_.back();
}

void History::drop_last(const EditState& now) {
  past_.pop_back();
  future_.clear();
  trim(now);
}

EditState History::redo(EditState now) {
  EditState state = std::move(future_.back());
  future_.pop_back();
  if (!has_weights(state)) state = replay_(now, *state.steps.back());
  past_.push_back(std::move(now));
  trim(state);
  return state;
}

// Half of the room for what lies behind: undo goes on there after a replay without another one for a while.
void History::trim(const EditState& now) {
  const std::size_t ahead = keep_near(future_, now, most_bytes_ / 2);
  keep_near(past_, now, most_bytes_ - ahead);
}

// From the nearest earlier state that has its weights. The states on the way get theirs too, as far as there is room:
// the newest ones, where undo goes next.
void History::restore(std::size_t index) {
  std::size_t from = index;
  while (from > 0 && !has_weights(past_[from - 1])) --from;
  EditState state = from > 0 ? past_[from - 1] : loaded_;
  std::size_t bytes = 0;
  std::size_t kept = from;
  for (std::size_t i = from; i <= index; ++i) {
    while (state.steps.size() < past_[i].steps.size()) state = replay_(state, *past_[i].steps[state.steps.size()]);
    past_[i] = state;
    if (i > kept) bytes += own_bytes(past_[i - 1], past_[i]);
    for (; bytes > most_bytes_ / 2 && kept < i; ++kept) {
      bytes -= own_bytes(past_[kept], past_[kept + 1]);
      let_go(past_[kept]);
    }
  }
}

std::size_t History::held_bytes(const EditState& now) const {
  std::size_t bytes = 0;
  for (const auto* states : {&past_, &future_}) {
    const EditState* nearer = &now;
    for (std::size_t i = states->size(); i-- > 0;) {
      if (!has_weights((*states)[i])) continue;
      bytes += own_bytes((*states)[i], *nearer);
      nearer = &(*states)[i];
    }
  }
  return bytes;
}

}  // namespace weightroom::document
