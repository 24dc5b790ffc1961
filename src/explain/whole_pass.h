#pragma once

#include "base/task.h"
#include "nn/session.h"

// Whole passes through a network that a task waits for: co_await Whole{pass}, a node a slice.
namespace weightroom::explain {

class Forward final : public base::Work {
 public:
  explicit Forward(nn::Session& session) : session_(session) {}
  bool step() override { return session_.current() || session_.forward_step(); }

 private:
  nn::Session& session_;
};

class Backward final : public base::Work {
 public:
  // Activations must be current.
  Backward(nn::Session& session, const nn::BackwardRequest& request) : session_(session) {
    session_.begin_backward(request);
  }
  bool step() override { return session_.backward_step(); }

 private:
  nn::Session& session_;
};

struct Whole {
  base::Work& work;
  static bool await_ready() noexcept { return false; }
  void await_suspend(base::Task::Handle handle) const noexcept { handle.promise().waits_for = &work; }
  static void await_resume() noexcept {}
};

}  // namespace weightroom::explain
