#include "nn/kernels/peak.h"

#include <algorithm>
#include <chrono>

#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {
namespace {

constexpr int kChains = 13;  // as many as fit the registers that a wasm engine has, with two factors
constexpr int kSteps = 4096;

// Runs every chain for kSteps steps of x = x a + b, which tend to b / (1 - a). A function of its own, so that a wasm
// engine compiles it well after the first calls.
HWY_NOINLINE float run_chains(float start) {
  const FloatTag d;
  const auto a = hn::Set(d, 0.999F);
  const auto b = hn::Set(d, 0.001F);
  FloatVec x[kChains];
  for (int c = 0; c < kChains; ++c) x[c] = hn::Set(d, start + static_cast<float>(c));
  for (int step = 0; step < kSteps; ++step) {
    for (auto& chain : x) chain = hn::Add(hn::Mul(chain, a), b);
  }
  auto sum = x[0];
  for (int c = 1; c < kChains; ++c) sum = hn::Add(sum, x[c]);
  return hn::GetLane(sum);
}

}  // namespace

double measure_peak() {
  using Clock = std::chrono::steady_clock;
  double best = 0.0;
  float kept = 0.0F;  // so that no chain is left out
  for (int round = 0; round < 60; ++round) {
    const auto start = Clock::now();
    constexpr int kRepeats = 64;
    for (int i = 0; i < kRepeats; ++i) kept += run_chains(kept);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    constexpr double kOperations = 2.0 * kRepeats * kSteps * kChains * static_cast<double>(kLanes);
    if (seconds > 0.0) best = std::max(best, kOperations / seconds / 1e9);
  }
  return kept == kept ? best : 0.0;
}

}  // namespace weightroom::nn::kernels
