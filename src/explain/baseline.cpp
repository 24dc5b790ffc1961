#include "explain/baseline.h"

#include <algorithm>
#include <cmath>

#include <strings/choice.h>
#include <strings/param.h>

#include "base/rng.h"
#include "explain/blur.h"

namespace weightroom::explain {
namespace {

constexpr double kBlur = 0.125;               // of the longer side
constexpr double kSmallestDifference = 0.01;  // logits closer than this count as this far apart

}  // namespace

ParamSpec baseline_param() {
  return choice_param("baseline", text::param_baseline, text::param_baseline_help,
                      {{"black", text::choice_black},
                       {"mean", text::choice_mean},
                       {"blurred", text::choice_blurred},
                       {"noise", text::choice_noise},
                       {"picture", text::choice_picture}});
}

std::vector<float> baseline_of(const MethodInput& input) {
  const auto seed = input.params.find("seed");
  return baseline_of(input, static_cast<Baseline>(input.count("baseline")),
                     seed == input.params.end() ? 0 : static_cast<std::uint64_t>(seed->second));
}

std::vector<float> baseline_of(const MethodInput& input, Baseline baseline, std::uint64_t seed, std::uint64_t index) {
  const nn::Shape& shape = input.graph().spec().input;
  const std::size_t plane = shape.size() / static_cast<std::size_t>(shape[0]);
  std::vector<float> out(shape.size());
  switch (baseline) {
    case Baseline::black:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = input.black[i / plane];
      break;
    case Baseline::mean:
      for (std::size_t c = 0; c < out.size(); c += plane) {
        double sum = 0.0;
        for (std::size_t i = 0; i < plane; ++i) sum += static_cast<double>(input.input[c + i]);
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(c), plane,
                    static_cast<float>(sum / static_cast<double>(plane)));
      }
      break;
    case Baseline::blurred: {
      const auto blurred = gaussian_blur(input.input, shape, kBlur * std::max(shape[1], shape[2]), Edge::mirror);
      std::ranges::transform(blurred, out.begin(), [](double v) { return static_cast<float>(v); });
      break;
    }
    case Baseline::noise: {
      base::Rng rng(seed, "baseline", index);
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<float>(
            rng.uniform(static_cast<double>(input.black[i / plane]), static_cast<double>(input.white[i / plane])));
      }
      break;
    }
    case Baseline::picture:
      CHECK(input.other.size() == out.size());
      out = input.other;
      break;
  }
  return out;
}

double completeness_error(const Attribution& attribution, double difference) {
  double total = 0.0;
  for (float value : attribution.values) total += static_cast<double>(value);
  return std::fabs(total - difference) / std::max(std::fabs(difference), kSmallestDifference);
}

}  // namespace weightroom::explain
