#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace weightroom::base {
namespace {

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
  bool run(int count, int threads, const std::function<void(int)>& task) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn.owns_lock()) return false;
    grow(threads - 1);
    {
      const std::lock_guard lock(mutex_);
      task_ = &task;
      count_ = count;
      next_.store(0);
      seats_ = threads - 1;
    }
    wake_.notify_all();
    take_tasks(task, count);
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
      wake_.wait(lock, [this] { return stopping_ || seats_ > 0; });
      if (stopping_) return;
      --seats_;
      ++active_;
      const auto* task = task_;
      const int count = count_;
      lock.unlock();
      take_tasks(*task, count);
      lock.lock();
      if (--active_ == 0) done_.notify_all();
    }
  }

  void take_tasks(const std::function<void(int)>& task, int count) {
    inside_task = true;
    for (int index = next_++; index < count; index = next_++) task(index);
    inside_task = false;
  }

  std::mutex turn_;
  std::mutex mutex_;  // guards all below but next_
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<std::thread> workers_;
  const std::function<void(int)>* task_ = nullptr;
  int count_ = 0;
  int seats_ = 0;   // workers that may still join the call
  int active_ = 0;  // workers inside it
  bool stopping_ = false;
  std::atomic<int> next_{0};
};

}  // namespace

void parallel_for(int count, int threads, const std::function<void(int)>& task) {
  threads = std::min(threads, count);
  if (threads > 1 && !inside_task) {
    static Pool pool;
    if (pool.run(count, threads, task)) return;
  }
  for (int index = 0; index < count; ++index) task(index);
}

int processor_count() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

}  // namespace weightroom::base
