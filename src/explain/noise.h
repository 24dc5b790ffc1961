#pragma once

#include <vector>

#include "explain/method.h"
#include "explain/pass.h"

// SmoothGrad and its kin: the gradient at many slightly noisy copies of the picture.
namespace weightroom::explain {

// The parameters samples, sigma and seed.
[[nodiscard]] std::vector<ParamSpec> noise_params();

// Mean and spread of what has come so far, value by value, by Welford's running sums: the naive difference of two means
// cancels, and may even turn negative.
class Moments {
 public:
  explicit Moments(std::size_t count) : mean_(count, 0.0), spread_(count, 0.0) {}
  void add(std::span<const float> values);
  void mean(std::span<float> out) const;
  void variance(std::span<float> out) const;  // of all of them: / n
  void mean_square(std::span<float> out) const;

 private:
  std::vector<double> mean_;
  std::vector<double> spread_;  // sum of squared distances from the mean
  int count_ = 0;
};

// The picture with noise number `index` of a seed on it, whose deviation is sigma times the range of its values.
[[nodiscard]] std::vector<float> noisy_copy(std::span<const float> picture, double sigma, std::uint64_t seed,
                                            std::uint64_t index);

// The gradients' moments over noisy copies, the noise's deviation being sigma times the range of the picture's values;
// after every copy `show` makes a map of them.
base::Task over_noise(const MethodInput& input, MethodOutput& output, void (Moments::*show)(std::span<float>) const);

}  // namespace weightroom::explain
