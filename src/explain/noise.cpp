#include "explain/noise.h"

#include <algorithm>

#include "base/rng.h"

namespace weightroom::explain {

std::vector<ParamSpec> noise_params() {
  return {{"samples", "noisy copies of the picture", 1.0, 500.0, 25.0, true},
          {"sigma", "strength of the noise, as a share of the picture's range", 0.0, 1.0, 0.15, false},
          seed_param("which noise")};
}

void Moments::add(std::span<const float> values) {
  ++count_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    if (count_ == 1) {
      mean_[i] = value;
    } else if (value != mean_[i]) {  // equal samples give back their own bits
      const double distance = value - mean_[i];
      mean_[i] += distance / count_;
      spread_[i] += distance * (value - mean_[i]);
    }
  }
}

MapTask over_noise(const MethodInput& input, MethodOutput& output, float (*show)(const Moments&, std::size_t)) {
  TargetPass pass(input.session, input.target);
  const int samples = input.count("samples");
  const auto seed = static_cast<std::uint64_t>(input.param("seed"));
  const auto [low, high] = std::ranges::minmax(input.input);
  const double deviation = input.param("sigma") * (static_cast<double>(high) - static_cast<double>(low));
  std::vector<float> noisy = input.input;
  Moments moments(noisy.size());
  for (int n = 0; n < samples; ++n) {
    // Without noise not even the sign of a zero may differ from the picture's own gradient.
    if (deviation > 0.0) {
      base::Rng rng(seed, "smoothgrad", static_cast<std::uint64_t>(n));
      for (std::size_t i = 0; i < noisy.size(); ++i)
        noisy[i] = static_cast<float>(static_cast<double>(input.input[i]) + deviation * rng.normal());
    }
    moments.add(co_await pass.input_gradient(noisy));
    std::vector<float>& values = output.explanation.attribution.values;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = show(moments, i);
    output.progress = static_cast<double>(n + 1) / samples;
  }
}

}  // namespace weightroom::explain
