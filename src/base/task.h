#pragma once

#include <coroutine>
#include <cstdlib>
#include <utility>

namespace weightroom::base {

// Work in bounded slices that a method waits for.
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;
  // One slice, such as one node of a network; true once all is done.
  virtual bool step() = 0;
};

// A method as one function, read from top to bottom, that gives the thread back wherever it waits for a pass: a
// coroutine. Its job (method_job.h) goes on with it slice by slice; destroying it cancels it at any such place.
class Task {
 public:
  struct promise_type {
    Work* waits_for = nullptr;

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    static std::suspend_always initial_suspend() noexcept { return {}; }
    static std::suspend_always final_suspend() noexcept { return {}; }
    static void return_void() {}
    [[noreturn]] static void unhandled_exception() { std::abort(); }  // nothing here throws
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // One slice; true once the function has come to its end.
  bool step() {
    if (handle_.done()) return true;
    promise_type& promise = handle_.promise();
    if (promise.waits_for != nullptr) {
      if (!promise.waits_for->step()) return false;
      promise.waits_for = nullptr;
    }
    handle_.resume();
    return handle_.done();
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

// What a method says between two slices of work without a pass: co_await Pause{}.
struct Pause {
  static bool await_ready() noexcept { return false; }
  static void await_suspend(Task::Handle /*handle*/) noexcept {}
  static void await_resume() noexcept {}
};

}  // namespace weightroom::base
