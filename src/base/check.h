#pragma once

namespace weightroom::base {

// Prints the failed condition with its place and aborts. For bugs only: whatever comes from a file, a link or a hand
// ends in a Result instead.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace weightroom::base

#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) ::weightroom::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
