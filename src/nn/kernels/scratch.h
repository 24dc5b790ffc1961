#pragma once

#include <cstddef>
#include <span>

#include "base/parallel.h"

namespace weightroom::nn::kernels {

// Memory for one call's intermediate values, and the threads that may work on it: `each` floats for each of them.
struct Scratch {
  float* floats = nullptr;
  std::size_t each = 0;
  int threads = 1;

  [[nodiscard]] float* of(int thread) const { return floats + static_cast<std::size_t>(thread) * each; }
};

// An op's workspace, cut up for its threads.
[[nodiscard]] inline Scratch scratch_of(std::span<float> workspace, int threads) {
  return {workspace.data(), workspace.size() / static_cast<std::size_t>(threads), threads};
}

struct Range {
  int first = 0, end = 0;
  [[nodiscard]] int size() const { return end - first; }
};

// One of `parts` parts, as equal as may be, of 0 .. count-1.
[[nodiscard]] inline Range part_of(int count, int part, int parts) {
  const auto bound = [&](int p) { return static_cast<int>(static_cast<long long>(count) * p / parts); };
  return {bound(part), bound(part + 1)};
}

// Threads worth having for so many things of which each should take `least`.
[[nodiscard]] inline int useful_threads(const Scratch& scratch, int count, int least = 1) {
  const int most = count / least;
  return most < 1 ? 1 : most < scratch.threads ? most : scratch.threads;
}

}  // namespace weightroom::nn::kernels
