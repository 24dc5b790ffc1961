#include "explain/nudge.h"

#include <algorithm>
#include <cmath>

#include "explain/pass.h"
#include "nn/answer.h"

namespace weightroom::explain {
namespace {

constexpr double kGrey = 255.0;

// The picture in grey levels, where budgets are measured.
class Levels {
 public:
  explicit Levels(const MethodInput& input) : input_(input), plane_(input.input.size() / input.black.size()) {}

  // d x / d grey level of the channel that value i lies in.
  [[nodiscard]] double step(std::size_t i) const {
    return (static_cast<double>(input_.white[i / plane_]) - static_cast<double>(input_.black[i / plane_])) / kGrey;
  }
  // The picture plus so many grey levels, between black and white.
  void add(std::span<const double> levels, std::vector<float>& out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto low = static_cast<double>(std::min(input_.black[i / plane_], input_.white[i / plane_]));
      const auto high = static_cast<double>(std::max(input_.black[i / plane_], input_.white[i / plane_]));
      out[i] = static_cast<float>(std::clamp(static_cast<double>(input_.input[i]) + step(i) * levels[i], low, high));
    }
  }
  // What is left of it: out - picture in grey levels.
  void difference(std::span<const float> out, std::vector<double>& levels) const {
    for (std::size_t i = 0; i < out.size(); ++i)
      levels[i] = (static_cast<double>(out[i]) - static_cast<double>(input_.input[i])) / step(i);
  }

 private:
  const MethodInput& input_;
  std::size_t plane_;
};

double length(std::span<const double> values) {
  double sum = 0.0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum);
}

double size_of(NudgeNorm norm, std::span<const double> values) {
  if (norm == NudgeNorm::length) return length(values);
  double most = 0.0;
  for (const double v : values) most = std::max(most, std::fabs(v));
  return most;
}

// Moves by a step of this size along the gradient, and back within the budget.
void move(NudgeNorm norm, std::span<const double> gradient, double by, double budget, std::vector<double>& levels) {
  if (norm == NudgeNorm::largest) {
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const double sign = gradient[i] > 0.0 ? 1.0 : gradient[i] < 0.0 ? -1.0 : 0.0;
      levels[i] = std::clamp(levels[i] + by * sign, -budget, budget);
    }
    return;
  }
  const double slope = length(gradient);
  if (slope == 0.0) return;
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] += by * gradient[i] / slope;
  const double size = length(levels);
  if (size > budget) {
    for (double& v : levels) v *= budget / size;
  }
}

}  // namespace

MapTask find_nudge(const MethodInput& input, NudgeOptions options, Nudge& out, double& progress) {
  const Levels scale(input);
  const std::size_t count = input.input.size();
  TargetPass pass(input.session, input.target);
  (void)co_await pass.logit(input.input);
  out = {};
  out.before = out.after = nn::best_first(input.session.logits().values())[0];
  out.picture = input.input;
  out.difference.assign(count, 0.0F);
  const int classes = input.graph().class_count();
  const auto flips = [&](int answer) { return options.toward >= 0 ? answer == options.toward : answer != out.before; };

  // d cross-entropy / d grey level, so that to climb it is to leave the answer (or, turned round, to reach the class).
  std::vector<double> gradient(count);
  std::vector<float> seed(static_cast<std::size_t>(classes));
  std::vector<float> picture = input.input;
  const auto weigh = [&](std::span<const float> logits) {
    const std::vector<float> shares = nn::probabilities(logits);
    const int of = options.toward >= 0 ? options.toward : out.before;
    const float sign = options.toward >= 0 ? -1.0F : 1.0F;
    for (std::size_t c = 0; c < seed.size(); ++c)
      seed[c] = sign * (shares[c] - (static_cast<int>(c) == of ? 1.0F : 0.0F));
    // So sure that the loss is flat to rounding: down with the answer, up with the next.
    if (std::ranges::all_of(seed, [](float s) { return std::fabs(s) < 1e-6F; })) {
      const std::vector<int> order = nn::best_first(logits);
      std::ranges::fill(seed, 0.0F);
      seed[static_cast<std::size_t>(order[0])] = -1.0F;
      seed[static_cast<std::size_t>(options.toward >= 0 ? options.toward : order[1])] += 1.0F;
    }
  };
  const double whole = options.most * (options.norm == NudgeNorm::length ? std::sqrt(static_cast<double>(count)) : 1.0);
  const int steps = options.search == NudgeSearch::fgsm ? 1 : options.steps;
  constexpr int kTries = 14;
  double holds = 0.0;
  double does = 0.0;
  double budget = whole / 64.0;
  std::vector<double> levels(count);
  for (int attempt = 0; attempt < kTries; ++attempt) {
    std::ranges::fill(levels, 0.0);
    picture = input.input;
    int answer = out.before;
    for (int step = 0; step < steps && !flips(answer); ++step) {
      (void)co_await pass.logit(picture);
      weigh(input.session.logits().values());
      const auto slope = co_await pass.weighted_gradient(picture, seed);
      for (std::size_t i = 0; i < count; ++i) gradient[i] = static_cast<double>(slope[i]) * scale.step(i);
      move(options.norm, gradient, steps == 1 ? budget : 2.5 * budget / steps, budget, levels);
      scale.add(levels, picture);
      scale.difference(picture, levels);
      (void)co_await pass.logit(picture);
      answer = nn::best_first(input.session.logits().values())[0];
      progress = (attempt + static_cast<double>(step + 1) / steps) / kTries;
    }
    if (flips(answer)) {
      does = size_of(options.norm, levels);  // early on the way it may have taken less than it was given
      out.found = true;
      out.picture = picture;
      out.after = answer;
      out.probabilities = nn::probabilities(input.session.logits().values());
      for (std::size_t i = 0; i < count; ++i) out.difference[i] = static_cast<float>(levels[i]);
      out.budget = does;
      out.largest = size_of(NudgeNorm::largest, levels);
      out.root_mean_square = length(levels) / std::sqrt(static_cast<double>(count));
    } else {
      holds = std::max(holds, budget);
      if (!out.found && budget >= whole) break;
    }
    if (out.found && (does <= holds || does - holds <= 0.02 * does)) break;
    budget = out.found ? 0.5 * (holds + does) : std::min(whole, 2.0 * budget);
    progress = static_cast<double>(attempt + 1) / kTries;
  }
  (void)co_await pass.logit(input.input);
  progress = 1.0;
}

}  // namespace weightroom::explain
