#include "nn/session_pool.h"

#include <algorithm>
#include <vector>

namespace weightroom::nn {

struct SessionPool::State {
  struct Lent {
    const Session* session = nullptr;
    const void* borrower = nullptr;  // null: lent whatever the bound says
  };
  std::size_t most_bytes = 0;
  std::vector<Lent> lent;
  // Came back last. One is enough: it spares whoever asks again and again the making of another, and what is lent next
  // takes its place, so that it never adds to the most that is held.
  std::unique_ptr<Session> idle;
  bool refused = false;

  [[nodiscard]] std::size_t lent_bytes() const {
    std::size_t bytes = 0;
    for (const Lent& row : lent) bytes += row.session->held_bytes();
    return bytes;
  }
};

SessionPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::move(other.pool_)), session_(std::move(other.session_)) {}

SessionPool::Lease& SessionPool::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pool_ = std::move(other.pool_);
  session_ = std::move(other.session_);
  return *this;
}

SessionPool::Lease::~Lease() { give_back(); }

void SessionPool::Lease::give_back() {
  if (session_ == nullptr) return;
  std::erase_if(pool_->lent, [&](const State::Lent& row) { return row.session == session_.get(); });
  session_->clear();
  if (session_->held_bytes() <= kMostIdleBytes) pool_->idle = std::move(session_);
  session_.reset();
  pool_.reset();
}

SessionPool::SessionPool(std::size_t most_bytes) : state_(std::make_shared<State>()) {
  state_->most_bytes = most_bytes;
}

SessionPool::Lease SessionPool::lend(std::shared_ptr<const Graph> graph, FlatWeights weights,
                                     Session::Options options) {
  Lease lease;
  std::unique_ptr<Session> idle = std::move(state_->idle);
  if (idle != nullptr && idle->shared_graph() == graph && idle->options() == options) {
    idle->begin_anew(std::move(weights));
    lease.session_ = std::move(idle);
  } else {
    idle.reset();
    lease.session_ = std::make_unique<Session>(std::move(graph), std::move(weights), options);
  }
  lease.pool_ = state_;
  state_->lent.push_back({lease.session_.get(), nullptr});
  return lease;
}

SessionPool::Lease SessionPool::try_lend(const void* borrower, std::shared_ptr<const Graph> graph, FlatWeights weights,
                                         Session::Options options) {
  const bool others = std::ranges::any_of(
      state_->lent, [&](const State::Lent& row) { return row.borrower != nullptr && row.borrower != borrower; });
  if (others) {
    std::size_t needed = 0;
    for (const Node& node : graph->nodes())
      needed += node.output.size() * sizeof(float) * static_cast<std::size_t>(options.batch);
    const std::size_t lent = state_->lent_bytes();
    if (lent > state_->most_bytes || needed > state_->most_bytes - lent) {
      state_->refused = true;
      return {};
    }
  }
  Lease lease = lend(std::move(graph), std::move(weights), options);
  state_->lent.back().borrower = borrower;
  return lease;
}

bool SessionPool::take_refused() { return std::exchange(state_->refused, false); }

std::size_t SessionPool::lent() const { return state_->lent.size(); }

std::size_t SessionPool::held_bytes() const {
  return state_->lent_bytes() + (state_->idle == nullptr ? 0 : state_->idle->held_bytes());
}

std::size_t SessionPool::most_bytes() const { return state_->most_bytes; }

}  // namespace weightroom::nn
