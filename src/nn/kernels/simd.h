#pragma once

// How our kernels use Highway: one target, chosen at compile time, with at most sixteen lanes (AVX-512:
// 16, AVX2: 8, wasm SIMD128: 4). Bits do not depend on the number of lanes: lanes go across outputs,
// whose chains of operations are independent, and a reduction across lanes goes through reduce(), which
// always has eight virtual lanes, so at most eight real ones. A multiply and an add are two steps (never hn::MulAdd),
// because wasm has no fused one.

#include <cstddef>

#include <hwy/highway.h>

#ifndef WEIGHTROOM_MAX_LANES  // 1, 2, 4, 8 or 16: smaller only to test that the bits stay the same
#define WEIGHTROOM_MAX_LANES 16
#endif

namespace weightroom::nn::kernels {

namespace hn = hwy::HWY_NAMESPACE;

static_assert(!HWY_HAVE_SCALABLE, "the kernels keep vectors in arrays");

using FloatTag = hn::CappedTag<float, WEIGHTROOM_MAX_LANES>;
using OneTag = hn::CappedTag<float, 1>;
using FloatVec = hn::Vec<FloatTag>;
inline constexpr std::size_t kLanes = hn::MaxLanes(FloatTag());

inline constexpr std::size_t kVirtualLanes = 8;
using ReduceTag = hn::CappedTag < float, kLanes<kVirtualLanes ? kLanes : kVirtualLanes>;
using ReduceVec = hn::Vec<ReduceTag>;
inline constexpr std::size_t kReduceLanes = hn::MaxLanes(ReduceTag());
static_assert(kVirtualLanes % kReduceLanes == 0);

// y[i] = f(tag, i) for i < n: whole vectors, then single lanes. f gives the vector of tag's lanes
// that starts at i.
template <class F>
void map(std::size_t n, float* y, F f) {
  const FloatTag d;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(f(d, i), d, y + i);
  const OneTag one;
  for (; i < n; ++i) hn::StoreU(f(one, i), one, y + i);
}

// f(tag, i) for i < n: whole vectors, then single lanes; f loads and stores by itself.
template <class F>
void each_lanes(std::size_t n, F f) {
  const FloatTag d;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) f(d, i);
  const OneTag one;
  for (; i < n; ++i) f(one, i);
}

// Sum of eight virtual lanes by the one tree that every target uses.
inline float tree_sum(const float* lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

// Sum of f(tag, i) over i < n: term i goes to virtual lane i % 8, each lane adds its terms in
// order, then tree_sum.
template <class F>
[[nodiscard]] float reduce(std::size_t n, F f) {
  const ReduceTag d;
  constexpr std::size_t kParts = kVirtualLanes / kReduceLanes;
  ReduceVec parts[kParts];
  for (auto& part : parts) part = hn::Zero(d);
  std::size_t i = 0;
  for (; i + kVirtualLanes <= n; i += kVirtualLanes) {
    for (std::size_t p = 0; p < kParts; ++p) parts[p] = hn::Add(parts[p], f(d, i + p * kReduceLanes));
  }
  float lanes[kVirtualLanes];
  for (std::size_t p = 0; p < kParts; ++p) hn::StoreU(parts[p], d, lanes + p * kReduceLanes);
  const OneTag one;
  for (std::size_t lane = 0; i < n; ++i, ++lane) lanes[lane] += hn::GetLane(f(one, i));
  return tree_sum(lanes);
}

// The same of many terms: stretches of 1024 by reduce(), their sums one after another in double, so that the error does
// not grow with the length.
template <class F>
[[nodiscard]] double reduce_long(std::size_t n, F f) {
  constexpr std::size_t kStretch = 1024;
  double sum = 0.0;
  for (std::size_t from = 0; from < n; from += kStretch) {
    const std::size_t length = n - from < kStretch ? n - from : kStretch;
    sum += static_cast<double>(reduce(length, [=](auto d, std::size_t i) { return f(d, from + i); }));
  }
  return sum;
}

}  // namespace weightroom::nn::kernels
