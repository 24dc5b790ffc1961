#include "ui/columns/answer_track.h"

#include <algorithm>
#include <optional>

#include "ui/context.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"

namespace weightroom::ui {
namespace {

using explain::WeightCurve;
using explain::WeightTrial;

std::optional<double> logit_of(const WeightCurve& curve, const WeightTrial& trial, int answer) {
  const auto at = std::ranges::find(curve.classes, answer);
  if (at == curve.classes.end()) return std::nullopt;
  return static_cast<double>(trial.logits[static_cast<std::size_t>(at - curve.classes.begin())]);
}

// Between two trials with different answers: where the lines through their logits cross, or halfway.
double change_between(const WeightCurve& curve, const WeightTrial& a, const WeightTrial& b) {
  const auto from = static_cast<double>(a.value);
  const auto to = static_cast<double>(b.value);
  const auto old_at_a = logit_of(curve, a, a.answer);
  const auto new_at_a = logit_of(curve, a, b.answer);
  const auto old_at_b = logit_of(curve, b, a.answer);
  const auto new_at_b = logit_of(curve, b, b.answer);
  if (!old_at_a || !new_at_a || !old_at_b || !new_at_b) return (from + to) / 2;
  const double before = *old_at_a - *new_at_a;
  const double after = *new_at_b - *old_at_b;
  if (!(before + after > 0.0)) return (from + to) / 2;
  return from + (to - from) * before / (before + after);
}

// The loaded model's answer has the first colour; the others follow in the order of the track.
ImU32 colour_of(std::vector<int>& seen, int answer) {
  auto at = std::ranges::find(seen, answer);
  if (at == seen.end()) at = seen.insert(seen.end(), answer);
  return blend(line_colour(static_cast<int>(at - seen.begin())), colours().card, 0.3F);
}

}  // namespace

AnswerTrack answer_track(const View& view) {
  AnswerTrack track;
  const WeightCurve* curve = view.answered() ? view.lab.engine().effect().curve() : nullptr;
  if (curve == nullptr || curve->trials.empty()) return track;
  const std::vector<float>& loaded = view.results().unedited_logits;
  std::vector<int> seen;
  if (!loaded.empty()) seen.push_back(static_cast<int>(std::ranges::max_element(loaded) - loaded.begin()));
  for (std::size_t i = 0; i < curve->trials.size(); ++i) {
    const WeightTrial& trial = curve->trials[i];
    const bool first = i == 0;
    if (!first && curve->trials[i - 1].answer == trial.answer) continue;
    const double from = first ? static_cast<double>(trial.value) : change_between(*curve, curve->trials[i - 1], trial);
    if (!first) track.parts.back().to = from;
    track.parts.push_back({from, static_cast<double>(curve->trials.back().value), colour_of(seen, trial.answer), {}});
    track.names.push_back(class_label(view.document(), trial.answer));
  }
  for (std::size_t i = 0; i < track.parts.size(); ++i) track.parts[i].label = track.names[i];
  return track;
}

}  // namespace weightroom::ui
