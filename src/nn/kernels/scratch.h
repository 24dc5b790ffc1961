#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/parallel.h"
#include "nn/cut.h"

namespace weightroom::nn::kernels {

// Memory for one call's intermediate values, and the threads that may work on it: `each` floats for each of them. Of
// work that is cut, the share of it that the call is for; the memory is that of the calls before it.
struct Scratch {
  float* floats = nullptr;
  std::size_t each = 0;
  int threads = 1;
  Cut cut{};

  [[nodiscard]] float* of(int thread) const { return floats + static_cast<std::size_t>(thread) * each; }
};

// An op's workspace, cut up for its threads.
[[nodiscard]] inline Scratch scratch_of(std::span<float> workspace, int threads, const Cut& cut = {}) {
  return {workspace.data(), workspace.size() / static_cast<std::size_t>(threads), threads, cut};
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

// Work is cut between units, which are done in their order: those of one call.
[[nodiscard]] inline Range units_of(int count, const Cut& cut) { return part_of(count, cut.at, cut.count); }

// Which of the `count` units from `from` on are among `units`, counted from `from`.
[[nodiscard]] inline Range overlap(Range units, int from, int count) {
  return {std::clamp(units.first - from, 0, count), std::clamp(units.end - from, 0, count)};
}

// visit(piece, some of its units) for work in pieces of `each` units, one piece after another. A piece's first unit is
// there once; whatever a later one needs of it lies in the workspace.
template <class Visit>
void for_pieces(Range units, int each, const Visit& visit) {
  if (units.size() == 0) return;
  for (int piece = units.first / each; piece * each < units.end; ++piece)
    visit(piece, overlap(units, piece * each, each));
}

// Threads worth having for so many things of which each should take `least`.
[[nodiscard]] inline int useful_threads(const Scratch& scratch, int count, int least = 1) {
  const int most = count / least;
  return most < 1 ? 1 : most < scratch.threads ? most : scratch.threads;
}

}  // namespace weightroom::nn::kernels
