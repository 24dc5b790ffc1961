#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

#include "nn/session.h"

namespace weightroom::nn {

// Sessions are lent for as long as somebody works with one and come back by themselves. A page that may ask a dozen
// things of a net so holds the activations of those that it asks just now.
//
// The bound, in bytes, is on what its sessions hold together: beyond it, one borrower at a time is served by
// try_lend(). Not thread-safe. Leases may outlive the pool.
class SessionPool {
  struct State;

 public:
  static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t kMostIdleBytes = std::size_t{8} << 20U;  // a larger one is let go when it comes back

  // A session while it is held; empty after it was moved from or given back.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();

    [[nodiscard]] explicit operator bool() const { return session_ != nullptr; }
    [[nodiscard]] Session& operator*() const { return *session_; }
    [[nodiscard]] Session* operator->() const { return session_.get(); }
    void give_back();

   private:
    friend class SessionPool;
    std::shared_ptr<State> pool_;
    std::unique_ptr<Session> session_;
  };

  explicit SessionPool(std::size_t most_bytes = kUnbounded);

  // A session with these weights and nothing bypassed or settled; its input is to be set.
  [[nodiscard]] Lease lend(std::shared_ptr<const Graph> graph, FlatWeights weights, Session::Options options);
  // The same, or an empty lease where another borrower has one and there is no room beside it: to be asked for again
  // once others have worked. `borrower` is whoever asks, and tells one from another.
  [[nodiscard]] Lease try_lend(const void* borrower, std::shared_ptr<const Graph> graph, FlatWeights weights,
                               Session::Options options);

  // Whether somebody was sent away since the last call.
  [[nodiscard]] bool take_refused();
  [[nodiscard]] std::size_t lent() const;
  // Of the sessions lent and the one kept for the next borrower.
  [[nodiscard]] std::size_t held_bytes() const;
  [[nodiscard]] std::size_t most_bytes() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace weightroom::nn
