#pragma once

#include <functional>

namespace weightroom::base {

// Runs task(0) .. task(count-1), each once, on up to `threads` threads (the caller's is one of them) and returns when
// all are done. Which thread takes which index is open, so a task's result must depend on its index alone; with
// threads <= 1 nothing but the caller's thread is used (the only case in the page).
void parallel_for(int count, int threads, const std::function<void(int)>& task);

// Processors of this machine, at least 1.
[[nodiscard]] int processor_count();

}  // namespace weightroom::base
