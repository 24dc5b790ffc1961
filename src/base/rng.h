#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weightroom::base {

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): one block of four words for a
// 128-bit counter and a 64-bit key. Stateless, so any draw can be made out of order and on any thread.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

// A stream of draws, keyed by seed and purpose ("init", "augment", ...); `index` tells apart the streams of one purpose
// (a picture, an epoch), so that no draw depends on how many came before it elsewhere.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  std::uint32_t next();
  double uniform();                         // [0, 1), 32 bits
  double uniform(double low, double high);  // [low, high)
  double normal();                          // mean 0, variance 1 (Box-Muller with our own log, sin, cos)
  std::uint32_t below(std::uint32_t n);     // 0 .. n-1, unbiased; n > 0

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace weightroom::base
