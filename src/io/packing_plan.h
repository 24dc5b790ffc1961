#pragma once

#include <optional>
#include <span>

#include "base/task.h"
#include "io/packed.h"

namespace weightroom::io {

// What a tensor is to be stored as.
enum class PackAs {
  full,       // fp32
  exact,      // fp16 where that changes no bit, else fp32
  half,       // rounded to fp16; fp32 where fp16 could only hold one of the values as infinity
  quantised,  // codes of so many bits, symmetric, a scale a channel: to the nearest, so that values change; sparse
              // where that is smaller
  smallest,   // the smallest that gives every bit again; codes only where there are at least two values a row
};

// Finds a plan in slices of some milliseconds: passes over the values, most of which end early. `values`, `channels`
// rows of equal size one after another, must stay; bits (1 to 8) are those of PackAs::quantised.
class PackingPlanner {
 public:
  PackingPlanner(std::span<const float> values, std::size_t channels, PackAs as, int bits = 8);
  PackingPlanner(const PackingPlanner&) = delete;
  PackingPlanner& operator=(const PackingPlanner&) = delete;

  bool step() { return task_.step(); }                           // true once the plan is there
  [[nodiscard]] PackingPlan take() { return std::move(best_); }  // once, at the end

 private:
  struct Tried;
  base::Task run(PackAs as, int bits);
  base::Task look_for_smallest();
  base::Task look_for_codes(bool sparse);
  base::Task quantise(int bits);
  base::Task find_whether(bool (*all)(float), bool& out);
  base::Task count_zeros(std::size_t& zeros);
  base::Task find_quantisers(Tried& tried, Packing packing, std::vector<base::Quantiser>& found);
  void offer(PackingPlan&& other);

  std::span<const float> values_;
  std::size_t channels_;
  PackingPlan best_;
  base::Task task_;
};

// The same at once.
[[nodiscard]] PackingPlan plan_packing(std::span<const float> values, std::size_t channels, PackAs as, int bits = 8);

}  // namespace weightroom::io
