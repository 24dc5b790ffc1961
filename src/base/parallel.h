#pragma once

namespace weightroom::base {

// Threads that a single pass over a network may use where nobody says how many: 1 until set. They change nothing but
// the time.
void set_threads(int count);
[[nodiscard]] int threads();

// Processors of this machine, at least 1.
[[nodiscard]] int processor_count();

namespace detail {
void run_tasks(int count, int threads, void (*call)(const void* task, int index), const void* task);
}

// Runs task(0) .. task(count-1), each once, on up to `threads` threads (the caller's is one of them) and returns when
// all are done. Which thread takes which index is open, so a task's result must depend on its index alone; with
// threads <= 1, and within a task, nothing but the caller's thread is used. Allocates nothing once its threads are
// there.
template <class Task>
void parallel_for(int count, int threads, const Task& task) {
  detail::run_tasks(count, threads, [](const void* of, int index) { (*static_cast<const Task*>(of))(index); }, &task);
}

}  // namespace weightroom::base
