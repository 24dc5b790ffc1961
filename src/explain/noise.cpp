#include "explain/noise.h"

#include <algorithm>

#include <strings/param.h>

#include "base/rng.h"

namespace weightroom::explain {

std::vector<ParamSpec> noise_params() {
  return {{"samples", text::param_samples, text::param_copies_help, 1.0, 500.0, 25.0, true},
          {"sigma", text::param_sigma, text::param_noise_help, 0.0, 1.0, 0.15, false},
          seed_param(text::param_seed_noise_help)};
}

void Moments::add(std::span<const float> values) {
  if (++count_ == 1) {
    std::ranges::copy(values, mean_.begin());
    return;
  }
  const auto count = static_cast<double>(count_);
  double* const mean = mean_.data();
  double* const spread = spread_.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    const double distance = value - mean[i];
    // Equal samples give back their own bits, a negative zero's too.
    const double moved = distance == 0.0 ? mean[i] : mean[i] + distance / count;
    spread[i] += distance * (value - moved);
    mean[i] = moved;
  }
}

void Moments::mean(std::span<float> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(mean_[i]);
}

void Moments::variance(std::span<float> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(spread_[i] / count_);
}

void Moments::mean_square(std::span<float> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(mean_[i] * mean_[i] + spread_[i] / count_);
}

std::vector<float> noisy_copy(std::span<const float> picture, double sigma, std::uint64_t seed, std::uint64_t index) {
  const auto [low, high] = std::ranges::minmax(picture);
  const double deviation = sigma * (static_cast<double>(high) - static_cast<double>(low));
  std::vector<float> noisy(picture.begin(), picture.end());
  // Without noise not even the sign of a zero may differ from the picture's own gradient.
  if (deviation <= 0.0) return noisy;
  base::Rng rng(seed, "smoothgrad", index);
  for (float& value : noisy) value = static_cast<float>(static_cast<double>(value) + deviation * rng.normal());
  return noisy;
}

base::Task over_noise(const MethodInput& input, MethodOutput& output, void (Moments::*show)(std::span<float>) const) {
  TargetPass pass(input.session, input.target);
  const int samples = input.count("samples");
  const auto seed = static_cast<std::uint64_t>(input.param("seed"));
  Moments moments(output.explanation.attribution.values.size());
  for (int n = 0; n < samples; ++n) {
    const std::vector<float> noisy = noisy_copy(input.input, input.param("sigma"), seed, static_cast<std::uint64_t>(n));
    moments.add(co_await pass.gradient_by(input.of_layer, noisy));
    (moments.*show)(output.explanation.attribution.values);
    output.progress = static_cast<double>(n + 1) / samples;
  }
}

}  // namespace weightroom::explain
