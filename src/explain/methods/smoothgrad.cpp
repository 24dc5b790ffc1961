// smoothgrad: the mean of d f / d x over inputs with Gaussian noise added (Smilkov et al. 2017).
#include <algorithm>

#include "base/rng.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

class Job final : public MapJob {
 public:
  explicit Job(MethodInput input)
      : input_(std::move(input)),
        pass_(input_.session, input_.target),
        samples_(static_cast<int>(input_.params.at("samples"))),
        seed_(static_cast<std::uint64_t>(input_.params.at("seed"))),
        noisy_(input_.input),
        mean_(input_.input.size(), 0.0) {
    const auto [low, high] = std::ranges::minmax(input_.input);
    deviation_ = input_.params.at("sigma") * (static_cast<double>(high) - static_cast<double>(low));
    result_.attribution = {input_shape(input_.session), std::vector<float>(input_.input.size(), 0.0F)};
  }

  bool step(const base::Budget& budget) override {
    if (done_ == samples_) return true;
    do {
      add_sample();
    } while (done_ < samples_ && !budget.spent());
    std::ranges::transform(mean_, result_.attribution.values.begin(), [](double v) { return static_cast<float>(v); });
    return done_ == samples_;
  }
  [[nodiscard]] double progress() const override { return static_cast<double>(done_) / samples_; }
  [[nodiscard]] const Explanation& result() const override { return result_; }

 private:
  void add_sample() {
    // Without noise not even the sign of a zero may differ from the picture's own gradient.
    if (deviation_ > 0.0) {
      base::Rng rng(seed_, "smoothgrad", static_cast<std::uint64_t>(done_));
      for (std::size_t i = 0; i < noisy_.size(); ++i) {
        noisy_[i] = static_cast<float>(static_cast<double>(input_.input[i]) + deviation_ * rng.normal());
      }
    }
    const auto gradient = pass_.input_gradient(noisy_);
    ++done_;
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      const auto value = static_cast<double>(gradient[i]);
      // Welford's running mean: a map at any moment, and equal samples give back their own bits.
      if (done_ == 1) {
        mean_[i] = value;
      } else if (value != mean_[i]) {
        mean_[i] += (value - mean_[i]) / done_;
      }
    }
  }

  MethodInput input_;
  TargetPass pass_;
  int samples_;
  std::uint64_t seed_;
  double deviation_ = 0.0;
  std::vector<float> noisy_;
  std::vector<double> mean_;
  Explanation result_;
  int done_ = 0;
};

std::unique_ptr<MapJob> start(MethodInput input) { return std::make_unique<Job>(std::move(input)); }

}  // namespace

MethodDef smoothgrad_method() {
  return {.name = "smoothgrad",
          .title = "SmoothGrad",
          .summary =
              "The gradient averaged over many slightly noisy copies of the picture, so that "
              "chance detail fades.",
          .paper = "Smilkov, Thorat, Kim, Viegas, Wattenberg: SmoothGrad, 2017",
          .params = {{"samples", "noisy copies of the picture", 1.0, 500.0, 25.0, true},
                     {"sigma", "strength of the noise, as a share of the picture's range", 0.0, 1.0, 0.15, false},
                     {"seed", "which noise", 0.0, 1'000'000.0, 0.0, true}},
          .start = start};
}

}  // namespace weightroom::explain
