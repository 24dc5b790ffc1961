#pragma once

#include <chrono>
#include <limits>

namespace weightroom::base {

// How long one slice of a job may take.
class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] static Budget milliseconds(double ms) {
    return Budget{Clock::now() +
                  std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(ms))};
  }
  [[nodiscard]] static Budget unlimited() { return Budget{Clock::time_point::max()}; }

  // Whether work of so many milliseconds would end before the deadline.
  [[nodiscard]] bool fits(double ms) const {
    return deadline_ == Clock::time_point::max() ||
           std::chrono::duration<double, std::milli>(deadline_ - Clock::now()).count() >= ms;
  }
  [[nodiscard]] bool spent() const { return deadline_ != Clock::time_point::max() && Clock::now() >= deadline_; }

 private:
  explicit Budget(Clock::time_point deadline) : deadline_(deadline) {}
  Clock::time_point deadline_;
};

// Long work in bounded slices, so that it never owns a frame. Destroying a job cancels it.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  // Does at least one unit of work, then goes on until the budget is spent. Returns true once all is done; further
  // calls then do nothing.
  virtual bool step(const Budget& budget) = 0;

  // Share of the work done, 0 to 1.
  [[nodiscard]] virtual double progress() const = 0;
};

}  // namespace weightroom::base
