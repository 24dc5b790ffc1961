// The curves of scores.h: what the score does while the picture goes, or comes back, in the order of a map.
#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "explain/baseline.h"
#include "explain/pass.h"
#include "explain/scores.h"
#include "nn/answer.h"

namespace weightroom::explain {
namespace {

constexpr double kRoadNoise = 0.01;

// Pixel (y,x) for each of its neighbours: visit(place, weight).
template <class Visit>
void neighbours(int at, int height, int width, const Visit& visit) {
  const int y = at / width;
  const int x = at % width;
  for (int dy = -1; dy <= 1; ++dy) {
    for (int dx = -1; dx <= 1; ++dx) {
      const bool inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
      if ((dy == 0 && dx == 0) || !inside) continue;
      visit(at + dy * width + dx, dy == 0 || dx == 0 ? 1.0 / 6.0 : 1.0 / 12.0);
    }
  }
}

void add_point(Curve& curve, double share, const nn::Session& session, int target) {
  const auto logits = session.logits().values();
  curve.share.push_back(share);
  curve.logit.push_back(static_cast<double>(logits[static_cast<std::size_t>(target)]));
  double probability = 0.0;
  if (nn::all_finite(logits)) {
    const std::vector<float> all = nn::probabilities(session.graph().answer(), logits);
    probability = static_cast<double>(all[static_cast<std::size_t>(target)]);
  }
  curve.probability.push_back(probability);
}

}  // namespace

void fill_in(std::span<float> channel, const std::vector<bool>& missing, int height, int width) {
  CHECK(channel.size() == missing.size());
  // With d the sum of a pixel's weights, d x - sum of w x over missing neighbours = sum of w x over the others: a
  // symmetric, positive system, solved by conjugate gradients.
  std::vector<int> at;
  std::vector<int> unknown(channel.size(), -1);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!missing[i]) continue;
    unknown[i] = static_cast<int>(at.size());
    at.push_back(static_cast<int>(i));
  }
  if (at.empty()) return;
  const bool nothing_left = at.size() == channel.size();
  if (nothing_left) {  // nothing to go by
    std::ranges::fill(channel, 0.0F);
    return;
  }
  const std::size_t n = at.size();
  const auto apply = [&](const std::vector<double>& x, std::vector<double>& out) {
    for (std::size_t k = 0; k < n; ++k) {
      double sum = 0.0;
      neighbours(at[k], height, width, [&](int to, double weight) {
        const int other = unknown[static_cast<std::size_t>(to)];
        sum += weight * (other < 0 ? x[k] : x[k] - x[static_cast<std::size_t>(other)]);
      });
      out[k] = sum;
    }
  };
  std::vector<double> x(n, 0.0), rest(n, 0.0), step, product(n);
  double most = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    neighbours(at[k], height, width, [&](int to, double weight) {
      if (unknown[static_cast<std::size_t>(to)] >= 0) return;
      const auto value = static_cast<double>(channel[static_cast<std::size_t>(to)]);
      rest[k] += weight * value;
      most = std::max(most, std::fabs(value));
    });
  }
  step = rest;
  const auto dot = [&](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
    return sum;
  };
  double length = dot(rest, rest);
  const double enough = 1e-14 * most * most * static_cast<double>(n);
  for (std::size_t round = 0; round < 2 * n + 50 && length > enough; ++round) {
    apply(step, product);
    const double along = length / dot(step, product);
    for (std::size_t k = 0; k < n; ++k) {
      x[k] += along * step[k];
      rest[k] -= along * product[k];
    }
    const double before = length;
    length = dot(rest, rest);
    for (std::size_t k = 0; k < n; ++k) step[k] = rest[k] + length / before * step[k];
  }
  for (std::size_t k = 0; k < n; ++k) channel[static_cast<std::size_t>(at[k])] = static_cast<float>(x[k]);
}

base::Task removal_curve(const Trial& trial, Removal removal, Curve& curve) {
  const MethodInput& input = trial.input;
  const nn::Shape& shape = input.graph().spec().input;
  const bool by_value = removal == Removal::pixel_flipping;
  const std::size_t plane = shape.size() / static_cast<std::size_t>(shape[0]);
  CHECK(trial.map.size() == (by_value ? shape.size() : plane) && trial.steps > 0);
  const std::vector<std::size_t> order = descending(trial.map);
  const bool comes_back = removal == Removal::insertion;
  const std::vector<float> other = baseline_of(input, comes_back ? Baseline::blurred : Baseline::black, 0);
  const std::vector<float>& from = comes_back ? other : input.input;
  const std::vector<float>& to = comes_back ? input.input : other;
  TargetPass pass(input.session, input.target);
  std::vector<float> picture = from;
  std::vector<bool> missing(plane, false);
  std::size_t done = 0;
  for (int k = 0; k <= trial.steps; ++k) {
    const std::size_t end = order.size() * static_cast<std::size_t>(k) / static_cast<std::size_t>(trial.steps);
    for (; done < end; ++done) {
      const std::size_t at = order[done];
      missing[at % plane] = true;
      if (by_value) picture[at] = to[at];
      for (std::size_t i = at; !by_value && i < picture.size(); i += plane) picture[i] = to[i];
    }
    if (removal == Removal::road && k > 0) {
      picture = input.input;
      base::Rng rng(trial.seed, "road", static_cast<std::uint64_t>(k));
      for (std::size_t c = 0; c < picture.size(); c += plane) {
        fill_in(std::span(picture).subspan(c, plane), missing, shape[1], shape[2]);
        for (std::size_t i = 0; i < plane; ++i) {
          if (missing[i]) picture[c + i] += static_cast<float>(kRoadNoise * rng.normal());
        }
        co_await base::Pause{};
      }
    }
    (void)co_await pass.logit(picture);
    add_point(curve, static_cast<double>(k) / trial.steps, input.session, input.target);
  }
}

base::Task infidelity(const MethodInput& input, std::span<const float> attribution, std::uint64_t seed,
                      Fidelity& fidelity, double& progress) {
  CHECK(attribution.size() == input.input.size());
  constexpr double kChange = 0.1;  // of the picture's range
  TargetPass pass(input.session, input.target);
  const auto [low, high] = std::ranges::minmax(input.input);
  const double deviation = kChange * (static_cast<double>(high) - static_cast<double>(low));
  const auto score = static_cast<double>(co_await pass.logit(input.input));
  std::vector<float> changed(input.input.size());
  double missed = 0.0;
  double happened = 0.0;
  for (int n = 0; n < kFidelitySamples; ++n) {
    base::Rng rng(seed, "infidelity", static_cast<std::uint64_t>(n));
    double foretold = 0.0;
    for (std::size_t i = 0; i < changed.size(); ++i) {
      changed[i] = static_cast<float>(static_cast<double>(input.input[i]) - deviation * rng.normal());
      foretold +=
          (static_cast<double>(input.input[i]) - static_cast<double>(changed[i])) * static_cast<double>(attribution[i]);
    }
    const double real = score - static_cast<double>(co_await pass.logit(changed));
    missed += (foretold - real) * (foretold - real);
    happened += real * real;
    fidelity.infidelity = happened > 0.0 ? missed / happened : 0.0;
    progress = static_cast<double>(n + 1) / kFidelitySamples;
  }
}

base::Task sensitivity(const MethodDef& method, const MethodInput& input, std::span<const float> attribution,
                       std::uint64_t seed, Fidelity& fidelity, double& progress) {
  constexpr double kChange = 0.02;  // of the picture's range, at most
  const auto [low, high] = std::ranges::minmax(input.input);
  const double most = kChange * (static_cast<double>(high) - static_cast<double>(low));
  double length = 0.0;
  for (float value : attribution) length += static_cast<double>(value) * static_cast<double>(value);
  for (int n = 0; n < kSensitivitySamples; ++n) {
    MethodInput near = input;
    base::Rng rng(seed, "sensitivity", static_cast<std::uint64_t>(n));
    for (float& value : near.input) value = static_cast<float>(static_cast<double>(value) + rng.uniform(-most, most));
    MapJob job(method, std::move(near));
    while (!job.step(base::Budget::milliseconds(0.0))) {
      progress = (n + job.progress()) / kSensitivitySamples;
      co_await base::Pause{};
    }
    double apart = 0.0;
    for (std::size_t i = 0; i < attribution.size(); ++i) {
      const double d = static_cast<double>(job.result().attribution.values[i]) - static_cast<double>(attribution[i]);
      apart += d * d;
    }
    const double relative = length > 0.0 ? std::sqrt(apart / length) : apart > 0.0 ? 1.0 : 0.0;
    fidelity.sensitivity = std::max(fidelity.sensitivity, relative);
    progress = static_cast<double>(n + 1) / kSensitivitySamples;
  }
}

}  // namespace weightroom::explain
