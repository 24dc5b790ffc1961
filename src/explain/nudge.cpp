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

// d loss / d logits, so that to climb it is to leave the answer (or, turned round, to reach the wanted class): the
// cross-entropy's. Where the network is so sure that this is zero to rounding: down with the answer, up with the next.
void weigh(nn::Answer answer, std::span<const float> logits, int before, int toward, std::vector<float>& seed) {
  seed = nn::loss_gradient(answer, logits, toward >= 0 ? toward : before);
  if (toward >= 0) std::ranges::transform(seed, seed.begin(), std::negate());
  if (std::ranges::any_of(seed, [](float s) { return std::fabs(s) >= 1e-6F; })) return;
  const std::vector<int> order = nn::best_first(logits);
  std::ranges::fill(seed, 0.0F);
  seed[static_cast<std::size_t>(order[0])] = -1.0F;
  seed[static_cast<std::size_t>(toward >= 0 ? toward : order[1])] += 1.0F;
}

// One try within a budget: where it has led so far.
struct Climb {
  std::vector<float> picture;
  std::vector<double> levels;  // the picture less the one begun with, in grey levels
  int answer = 0;
  double progress = 0.0;
};

bool flips(const NudgeOptions& options, int before, int answer) {
  return options.toward >= 0 ? answer == options.toward : answer != before;
}

base::Task climb(const MethodInput& input, const NudgeOptions& options, int before, double budget, Climb& at) {
  const Levels scale(input);
  TargetPass pass(input.session, input.target);
  at = {input.input, std::vector<double>(input.input.size()), before, 0.0};
  std::vector<float> seed(static_cast<std::size_t>(input.graph().class_count()));
  std::vector<double> gradient(input.input.size());  // d loss / d grey level
  const int steps = options.search == NudgeSearch::fgsm ? 1 : options.steps;
  for (int step = 0; step < steps && !flips(options, before, at.answer); ++step) {
    (void)co_await pass.logit(at.picture);
    weigh(input.graph().answer(), input.session.logits().values(), before, options.toward, seed);
    const auto slope = co_await pass.weighted_gradient(at.picture, seed);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<double>(slope[i]) * scale.step(i);
    move(options.norm, gradient, steps == 1 ? budget : 2.5 * budget / steps, budget, at.levels);
    scale.add(at.levels, at.picture);
    scale.difference(at.picture, at.levels);
    (void)co_await pass.logit(at.picture);
    at.answer = nn::best_of(input.session.logits().values());
    at.progress = static_cast<double>(step + 1) / steps;
  }
}

Nudge nudge_of(const Climb& at, const NudgeOptions& options, int before, const nn::Session& session) {
  return {.found = true,
          .picture = at.picture,
          .difference = std::vector<float>(at.levels.begin(), at.levels.end()),
          .budget = size_of(options.norm, at.levels),
          .largest = size_of(NudgeNorm::largest, at.levels),
          .root_mean_square = length(at.levels) / std::sqrt(static_cast<double>(at.levels.size())),
          .before = before,
          .after = at.answer,
          .probabilities = nn::probabilities(session.graph().answer(), session.logits().values())};
}

}  // namespace

base::Task find_nudge(const MethodInput& input, NudgeOptions options, Nudge& out, double& progress) {
  TargetPass pass(input.session, input.target);
  (void)co_await pass.logit(input.input);
  const std::size_t count = input.input.size();
  const int before = nn::best_of(input.session.logits().values());
  out = {.picture = input.input, .difference = std::vector<float>(count), .before = before, .after = before};
  const double whole = options.most * (options.norm == NudgeNorm::length ? std::sqrt(static_cast<double>(count)) : 1.0);
  constexpr int kTries = 14;
  double holds = 0.0;  // the largest budget that did not do
  double budget = whole / 64.0;
  Climb at;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    base::Task task = climb(input, options, before, budget, at);
    while (!task.step()) {
      progress = (attempt + at.progress) / kTries;
      co_await base::Pause{};
    }
    if (flips(options, before, at.answer)) {
      // Early on the way it may have taken less than it was given.
      out = nudge_of(at, options, before, input.session);
    } else {
      holds = std::max(holds, budget);
      if (!out.found && budget >= whole) break;
    }
    if (out.found && out.budget - holds <= 0.02 * out.budget) break;
    budget = out.found ? 0.5 * (holds + out.budget) : std::min(whole, 2.0 * budget);
    progress = static_cast<double>(attempt + 1) / kTries;
  }
  (void)co_await pass.logit(input.input);
  progress = 1.0;
}

}  // namespace weightroom::explain
