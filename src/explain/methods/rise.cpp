// rise: what hiding at random tells (Petsiuk et al. 2018): soft random masks m over the picture,
//   sum over them of (f(x m) - mean f) (m - p) / (N p (1 - p)).
// Their sum of f m / (N p) rises everywhere by p times the score of the whole picture; this form is free of that.
#include <algorithm>
#include <array>

#include <strings/method.h>
#include <strings/param.h>

#include "base/rng.h"
#include "explain/baseline.h"
#include "explain/costs.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

constexpr int kCells = 8;
constexpr double kShown = 0.5;  // p

// One mask, (H,W): kCells x kCells cells shown or hidden, enlarged smoothly to a little more than the picture, and
// shifted by chance within a cell.
class Mask {
 public:
  Mask(const nn::Shape& picture, std::uint64_t seed, std::uint64_t index) : rng_(seed, "rise", index) {
    for (double& cell : cells_) cell = rng_.uniform() < kShown ? 1.0 : 0.0;
    rows_ = lines(picture[1]);
    columns_ = lines(picture[2]);
  }
  [[nodiscard]] float at(std::size_t y, std::size_t x) const {
    const Between& row = rows_[y];
    const Between& column = columns_[x];
    const auto across = [&](std::size_t line) {
      return (1.0 - column.share) * cells_[line * kCells + column.first] +
             column.share * cells_[line * kCells + column.second];
    };
    return static_cast<float>((1.0 - row.share) * across(row.first) + row.share * across(row.second));
  }

 private:
  struct Between {
    std::size_t first = 0;
    std::size_t second = 0;
    double share = 0.0;  // of the second
  };

  std::vector<Between> lines(int extent) {
    const int cell = (extent + kCells - 1) / kCells;
    const auto shift = static_cast<int>(rng_.below(static_cast<std::uint32_t>(cell)));
    std::vector<Between> out;
    for (int i = 0; i < extent; ++i) {
      const double centre = (i + shift + 0.5) * kCells / ((kCells + 1.0) * cell) - 0.5;
      const double clamped = std::clamp(centre, 0.0, kCells - 1.0);
      const auto first = static_cast<std::size_t>(clamped);
      out.push_back({first, std::min<std::size_t>(first + 1, kCells - 1), clamped - static_cast<double>(first)});
    }
    return out;
  }

  base::Rng rng_;
  std::array<double, static_cast<std::size_t>(kCells) * kCells> cells_{};
  std::vector<Between> rows_;
  std::vector<Between> columns_;
};

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const nn::Shape& shape = input.graph().spec().input;
  const int samples = input.count("samples");
  const auto seed = static_cast<std::uint64_t>(input.param("seed"));
  const std::vector<float> baseline = baseline_of(input);
  const auto width = static_cast<std::size_t>(shape[2]);
  const std::size_t plane = width * static_cast<std::size_t>(shape[1]);
  std::vector<float> mask(plane);
  std::vector<float> seen(input.input.size());
  std::vector<double> products(plane, 0.0);  // of f m
  std::vector<double> masks(plane, 0.0);
  double scores = 0.0;
  for (int n = 0; n < samples; ++n) {
    const Mask drawn(shape, seed, static_cast<std::uint64_t>(n));
    for (std::size_t i = 0; i < plane; ++i) mask[i] = drawn.at(i / width, i % width);
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i] = baseline[i] + mask[i % plane] * (input.input[i] - baseline[i]);
    const auto score = static_cast<double>(co_await pass.logit(seen));
    scores += score;
    for (std::size_t i = 0; i < plane; ++i) {
      products[i] += score * static_cast<double>(mask[i]);
      masks[i] += static_cast<double>(mask[i]);
    }
    const double count = n + 1;
    const double mean = scores / count;
    for (std::size_t i = 0; i < plane; ++i) {
      const double sum = products[i] - mean * masks[i];  // the terms with p cancel
      output.explanation.attribution.values[i] = static_cast<float>(sum / (count * kShown * (1.0 - kShown)));
    }
    output.progress = count / samples;
  }
}

}  // namespace

MethodDef rise_method() {
  return {.name = "rise",
          .title = text::method_rise_title,
          .plain = text::method_rise_plain,
          .summary = text::method_rise_summary,
          .paper = "Petsiuk, Das, Saenko: RISE, 2018",
          .family = Family::perturbation,
          .params = {{"samples", text::param_samples, text::param_masks_help, 1.0, 20'000.0, 2000.0, true},
                     baseline_param(),
                     seed_param(text::param_seed_masks_help)},
          .axioms = {.implementation = true, .linear = true},
          .size = MapSize::pixels,
          .passes = one_a_sample,
          .run = run};
}

}  // namespace weightroom::explain
