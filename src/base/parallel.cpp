#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace weightroom::base {
namespace {

int threads_of_a_pass = 1;

struct Tasks {
  void (*call)(const void* task, int index) = nullptr;
  const void* task = nullptr;
  int count = 0;
  std::atomic<int> next{0};
};

// Looks whether it is so for about as long as it takes to fall asleep and be woken: the nodes of a pass follow each
// other faster than that.
template <class Condition>
void wait_awake(const Condition& condition) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPatience = std::chrono::microseconds(60);
  const auto end = Clock::now() + kPatience;
  do {
    for (int look = 0; look < 64; ++look) {
      if (condition()) return;
    }
  } while (Clock::now() < end);
}

// Set while this thread runs a task: a parallel_for inside one runs inline.
thread_local bool inside_task = false;

// Workers that sleep between calls. One call has them at a time; another thread's call that meets
// them busy does its work alone, so nothing can wait in a circle.
class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  // False where the workers are busy with somebody else's call; nothing has been done then.
  bool run(Tasks& tasks, int threads) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn.owns_lock()) return false;
    grow(threads - 1);
    {
      const std::lock_guard lock(mutex_);
      tasks_ = &tasks;
      seats_ = threads - 1;
      ++calls_;
    }
    wake_.notify_all();
    take(tasks);
    wait_awake([this] { return active_ == 0; });
    std::unique_lock lock(mutex_);
    seats_ = 0;  // a worker that wakes this late finds no work
    done_.wait(lock, [this] { return active_ == 0; });
    return true;
  }

 private:
  void grow(int wanted) {
    while (static_cast<int>(workers_.size()) < wanted) {
      try {
        workers_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        return;  // no more threads to be had: the caller's own still does everything
      }
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const unsigned seen = calls_;
      lock.unlock();
      wait_awake([this, seen] { return calls_ != seen; });
      lock.lock();
      wake_.wait(lock, [this] { return stopping_ || seats_ > 0; });
      if (stopping_) return;
      --seats_;
      ++active_;
      Tasks& tasks = *tasks_;
      lock.unlock();
      take(tasks);
      lock.lock();
      if (--active_ == 0) done_.notify_all();
    }
  }

  void take(Tasks& tasks) {
    inside_task = true;
    for (int index = tasks.next++; index < tasks.count; index = tasks.next++) tasks.call(tasks.task, index);
    inside_task = false;
  }

  std::mutex turn_;
  std::mutex mutex_;  // guards what is changed below
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<std::thread> workers_;
  Tasks* tasks_ = nullptr;
  int seats_ = 0;               // workers that may still join the call
  std::atomic<int> active_{0};  // workers inside it
  std::atomic<unsigned> calls_{0};
  bool stopping_ = false;
};

}  // namespace

void set_threads(int count) { threads_of_a_pass = std::max(1, count); }

int threads() { return threads_of_a_pass; }

int processor_count() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

namespace detail {

void run_tasks(int count, int threads, void (*call)(const void* task, int index), const void* task) {
  threads = std::min(threads, count);
  if (threads > 1 && !inside_task) {
    static Pool pool;
    Tasks tasks{.call = call, .task = task, .count = count};
    if (pool.run(tasks, threads)) return;
  }
  for (int index = 0; index < count; ++index) call(task, index);
}

}  // namespace detail
}  // namespace weightroom::base
