#pragma once

#include <span>
#include <vector>

#include "explain/method.h"

// How far a map can be trusted, in numbers. None of them proves a map right: each says how it behaves under one kind of
// question.
namespace weightroom::explain {

// Rank correlation of two lists of one length, equal values sharing their mean rank (Spearman 1904). 1 of a list and
// itself; 0 where one of them is the same everywhere.
[[nodiscard]] double spearman(std::span<const float> a, std::span<const float> b);

// Structural similarity of two maps (h,w), each divided by its own largest value without sign: the mean over all
// windows of 7 x 7, or of the whole map where it is smaller (Wang et al. 2004, constants 0.01 and 0.03 for a range of
// 2). 1 of a map and itself.
[[nodiscard]] double structural_similarity(std::span<const float> a, std::span<const float> b, int height, int width);

// How unevenly the map is spread: Gini's coefficient of |values| (+ 1e-7), 0 where all are alike, close to 1 where one
// has all (Chalasani et al. 2020).
[[nodiscard]] double gini(std::span<const float> values);

// The indices of values from the largest to the smallest; equal ones in their order.
[[nodiscard]] std::vector<std::size_t> descending(std::span<const float> values);

// What the model says while the picture is changed bit by bit.
struct Curve {
  std::vector<double> share;        // of the picture changed, 0 to 1
  std::vector<double> logit;        // the target's
  std::vector<double> probability;  // of the target
  // Area under `of`, a trapezoid rule over equal steps, 1 where it is 1 throughout.
  [[nodiscard]] static double area(std::span<const double> of);
};

enum class Removal {
  deletion,        // the pixels that speak most for the target become black: a good map lets the score fall at once
  insertion,       // they come back into the blurred picture: a good map lets it rise at once
  pixel_flipping,  // deletion value by value: every channel of a pixel by itself
  road,            // they are painted over from around them, so that the hole itself says nothing (Rong et al. 2022)
};
[[nodiscard]] Text removal_title(Removal removal);
[[nodiscard]] Text removal_summary(Removal removal);

// What a map is tried on. `map`: (H,W), or (C,H,W) for pixel_flipping.
struct Trial {
  const MethodInput& input;
  std::vector<float> map;
  int steps = 32;
  std::uint64_t seed = 0;  // of road's noise
};
// Fills `curve` step by step. The first point is the picture untouched (insertion: blurred), the last one all changed.
// The trial is read as long as the task runs.
base::Task removal_curve(const Trial& trial, Removal removal, Curve& curve);
base::Task removal_curve(Trial&& trial, Removal removal, Curve& curve) = delete;

// Every missing pixel of one channel (h,w) as the weighted mean of its eight neighbours (1/6 beside, 1/12 across; of
// those that there are), all at once: a linear system, solved to 1e-6 of the largest value.
void fill_in(std::span<float> channel, const std::vector<bool>& missing, int height, int width);

// What a map says of small changes, and what really happens.
struct Fidelity {
  // Mean over random changes I of (I . map - (f(x) - f(x - I)))^2, as a share of the mean of (f(x) - f(x - I))^2: 0 of
  // a map that foretells all, 1 of a map of zeros (Yeh et al. 2019).
  double infidelity = 0.0;
  // The largest |map' - map| / |map| over small random changes of the picture (Yeh et al. 2019).
  double sensitivity = 0.0;
};
inline constexpr int kFidelitySamples = 25;
inline constexpr int kSensitivitySamples = 10;
// `attribution`: as the method gave it, of the input's shape; Gaussian changes of a tenth of the picture's range.
base::Task infidelity(const MethodInput& input, std::span<const float> attribution, std::uint64_t seed,
                      Fidelity& fidelity, double& progress);
// Runs the method kSensitivitySamples times, on pictures changed by at most 0.02 of their range.
base::Task sensitivity(const MethodDef& method, const MethodInput& input, std::span<const float> attribution,
                       std::uint64_t seed, Fidelity& fidelity, double& progress);

}  // namespace weightroom::explain
