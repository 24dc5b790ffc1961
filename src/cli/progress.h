#pragma once

#include <chrono>
#include <string>

namespace weightroom::cli {

// A line with a bar and the time left, rewritten in place on stderr; nothing at all where stderr is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // share: 0 to 1 of all the work; note: stands at the end of the line.
  void show(double share, const std::string& note = {});
  // Takes the line away, so that other output may follow.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string title_;
  bool terminal_;
  bool drawn_ = false;
  double first_share_ = -1.0;
  Clock::time_point start_;
  Clock::time_point last_{};
};

// Whether standard error is one that a person looks at.
[[nodiscard]] bool on_terminal();

// "1:02:03", "4:05".
[[nodiscard]] std::string clock_text(double seconds);

}  // namespace weightroom::cli
