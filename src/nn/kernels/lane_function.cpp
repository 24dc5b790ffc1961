#include "nn/kernels/lane_function.h"

#include <algorithm>

namespace weightroom::nn::kernels {
namespace {

constexpr std::size_t kStretch = 1024;  // floats: what reduce_long() takes at a time, and little enough for the stack

// Where the inputs of a function stand, from one stretch of values to the next.
class Along {
 public:
  Along(const LaneFunction& f, std::initializer_list<LaneInput> inputs) : f_(f) {
    for (const LaneInput& input : inputs) {
      at_[count_] = input.data;
      steps_[count_] = input.moves ? kLanes : 0;
      if (!input.moves) {
        std::fill_n(same_[count_].begin(), kLanes, *input.data);
        at_[count_] = same_[count_].data();
      }
      ++count_;
    }
  }

  // The next n values.
  void next(std::size_t n, float* out) {
    const std::size_t vectors = n / kLanes;
    if (vectors > 0) {
      f_.run(f_.f, vectors, at_.data(), steps_.data(), out);
      for (std::size_t k = 0; k < count_; ++k) at_[k] += vectors * steps_[k];
    }
    if (const std::size_t rest = n % kLanes; rest > 0) last(rest, out + vectors * kLanes);
  }

 private:
  // Less than a vector, filled up.
  void last(std::size_t rest, float* out) const {
    std::array<std::array<float, kLanes>, kMostLaneInputs> filled{};
    std::array<const float*, kMostLaneInputs> at = at_;
    for (std::size_t k = 0; k < count_; ++k) {
      if (steps_[k] == 0) continue;
      std::copy_n(at_[k], rest, filled[k].begin());
      at[k] = filled[k].data();
    }
    std::array<float, kLanes> results;
    f_.run(f_.f, 1, at.data(), steps_.data(), results.data());
    std::copy_n(results.begin(), rest, out);
  }

  const LaneFunction& f_;
  std::size_t count_ = 0;
  std::array<const float*, kMostLaneInputs> at_{};
  std::array<std::size_t, kMostLaneInputs> steps_{};
  std::array<std::array<float, kLanes>, kMostLaneInputs> same_;
};

}  // namespace

void apply(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n, float* out) {
  Along(f, inputs).next(n, out);
}

void apply_added(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n, float* out) {
  Along along(f, inputs);
  std::array<float, kStretch> results;
  for (std::size_t at = 0; at < n; at += kStretch) {
    const std::size_t some = std::min(kStretch, n - at);
    along.next(some, results.data());
    map(some, out + at, [to = out + at, &results](auto d, std::size_t i) {
      return hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, results.data() + i));
    });
  }
}

double apply_summed(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n) {
  Along along(f, inputs);
  std::array<float, kStretch> results;
  double sum = 0.0;
  for (std::size_t at = 0; at < n; at += kStretch) {
    const std::size_t some = std::min(kStretch, n - at);
    along.next(some, results.data());
    sum += static_cast<double>(
        reduce(some, [&results](auto d, std::size_t i) { return hn::LoadU(d, results.data() + i); }));
  }
  return sum;
}

}  // namespace weightroom::nn::kernels
