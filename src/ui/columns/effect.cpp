// What the selected weight does: the answer at every value it could have, its share of each class, and where it works.
#include <algorithm>
#include <cmath>

#include <strings/effect.h>

#include "base/sort.h"
#include "ui/context.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// The logit over the weight's value: measured, and as the tangent predicts.
void draw_curve(const View& view, const explain::WeightCurve& curve, float now) {
  const document::Document& document = view.document();
  const std::size_t target = view.lab.engine().effect().target_in_curve();
  PlotLine measured{class_label(document, view.results().target), colours().accent, {}, {}};
  PlotLine predicted{tr(text::effect_line_predicted), colours().quiet, {}, {}, true};
  for (const explain::WeightTrial& trial : curve.trials) {
    measured.x.push_back(static_cast<double>(trial.value));
    measured.y.push_back(static_cast<double>(trial.logits[target]));
    predicted.x.push_back(static_cast<double>(trial.value));
    predicted.y.push_back(curve.foretold(target, trial.value));
  }
  // The rival that comes nearest anywhere: where the lines cross, the answer changes.
  PlotLine rival{};
  const int answer = view.results().target;
  for (const explain::WeightTrial& trial : curve.trials) {
    if (trial.answer == answer || !rival.label.empty()) continue;
    const auto at = std::ranges::find(curve.classes, trial.answer);
    if (at == curve.classes.end()) continue;
    rival.label = class_label(document, trial.answer);
    rival.colour = line_colour(1);
    for (const explain::WeightTrial& t : curve.trials) {
      rival.x.push_back(static_cast<double>(t.value));
      rival.y.push_back(static_cast<double>(t.logits[static_cast<std::size_t>(at - curve.classes.begin())]));
    }
  }
  double low = static_cast<double>(curve.at_reference.logits[target]);
  double high = low;
  for (const PlotLine* line : {&measured, &rival}) {
    for (const double y : line->y) {
      if (!std::isfinite(y)) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  }
  const double margin = std::max(0.05 * (high - low), 1e-3);
  std::vector<PlotLine> lines{measured, predicted};
  if (!rival.label.empty()) lines.push_back(std::move(rival));
  const double reach = static_cast<double>(curve.trials.back().value);
  const std::vector<PlotMark> marks{{static_cast<double>(now),
                                     static_cast<double>(view.results().logits[static_cast<std::size_t>(answer)]),
                                     colours().accent}};
  plot_legend(lines);
  plot("effect/curve", lines,
       {.left = -reach,
        .right = reach,
        .bottom = low - margin,
        .top = high + margin,
        .x_title = say(text::effect_axis_weight),
        .y_title = say(text::effect_axis_logit)},
       190.0F, marks);
}

std::string switch_words(const View& view, const explain::WeightCurve& curve, const explain::WeightTrial& trial) {
  if (trial.changes.total == 0)
    return tr(curve.piecewise_linear ? text::effect_no_switch : text::effect_no_switch_smooth);
  return tr(text::effect_switches, {{"n", trial.changes.total},
                                    {"count", trial.changes.count},
                                    {"layer", node_name(view.document(), trial.changes.node)}});
}

// "At 0 the logit changes by −1.35 (predicted −1.20). 12 values switch, beginning with 3 in relu2."
void draw_trial(const View& view, const explain::WeightCurve& curve, const explain::WeightTrial& trial, Text key,
                const std::string& value) {
  const std::size_t target = view.lab.engine().effect().target_in_curve();
  const double from = static_cast<double>(curve.at_reference.logits[target]);
  const double measured = static_cast<double>(trial.logits[target]) - from;
  const double predicted = curve.foretold(target, trial.value) - from;
  const std::string change =
      tr(key, {{"value", value}, {"measured", signed_short(measured)}, {"predicted", signed_short(predicted)}});
  text(change + " " + switch_words(view, curve, trial), Role::body, true);
}

// The trial whose value is nearest.
const explain::WeightTrial& nearest(const explain::WeightCurve& curve, float value) {
  return *std::ranges::min_element(curve.trials, {}, [&](const auto& t) { return std::fabs(t.value - value); });
}

void draw_words(const View& view, const explain::WeightCurve& curve, float now) {
  const explain::WeightCurve::Range exact = curve.linear();
  if (exact.from < exact.to)
    text(tr(text::effect_exact, {{"from", document::number_text(exact.from)}, {"to", document::number_text(exact.to)}}),
         Role::quiet, true);
  draw_trial(view, curve, curve.at_zero, text::effect_at, "0");
  tooltip(say(text::effect_at_help));
  if (now != curve.reference)
    draw_trial(view, curve, nearest(curve, now), text::effect_near, document::number_text(now));
}

// The classes that it makes most of, for and against.
void draw_shares(const View& view, const explain::WeightShare& share, float width) {
  std::vector<std::size_t> order(share.classes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  base::sort(order, {}, [&](std::size_t i) { return std::pair(-std::fabs(share.slopes[i]), i); });
  const double value = static_cast<double>(share.value);
  const double scale = std::max(1e-12, std::fabs(value * share.slopes[order.front()]));
  text(say(text::effect_shares), Role::strong);
  tooltip(say(text::effect_shares_help));
  const float line = 26.0F;
  const float names = width * 0.42F;
  const float number = 70.0F;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double shown = value * share.slopes[order[k]];
    const float y = from.y + line * static_cast<float>(k);
    const int index = share.classes[order[k]];
    const bool target = index == view.results().target;
    draw_text_in(list, target ? fonts().strong : fonts().body, {from.x, y}, {from.x + names, y + line}, 0.0F,
                 colours().ink, shortened(class_label(view.document(), index), names - 6.0F, fonts().body));
    const float middle = from.x + names + (width - names - number) / 2;
    const float half = (width - names - number) / 2 - 4.0F;
    const float end = middle + half * static_cast<float>(shown / scale);
    list.AddLine({middle, y}, {middle, y + line}, colours().line, 1.0F);
    list.AddRectFilled({std::min(middle, end), y + 7.0F}, {std::max(middle, end), y + line - 7.0F},
                       shown < 0.0 ? colours().fall : colours().rise, 2.0F);
    draw_text_in(list, fonts().body, {from.x + width - number, y}, {from.x + width, y + line}, 1.0F, colours().ink,
                 signed_short(shown));
  }
  ImGui::Dummy({width, line * static_cast<float>(order.size())});
  note_item("effect/shares");
}

// Where in the picture the share comes from.
void draw_positions(const View& view, const explain::WeightShare& share, float width) {
  const explain::DisplayMap& shown = view.lab.engine().effect().positions();
  if (shown.values.size() < 2) return;
  text(tr(text::effect_positions, {{"class", class_label(view.document(), view.results().target)}}), Role::strong);
  const float side = std::min(width, 180.0F);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const Frame frame{corner, {corner.x + side, corner.y + side}};
  ImGui::Dummy({side, side});
  note_item("effect/positions");
  const MapTile tile{"effect", view.lab.engine().effect().version(), &shown, largest(shown.values)};
  draw_map_tile(view, tile, frame);
  read_map_tile(tile, frame, say(text::effect_position));
  double sum = 0.0;
  for (const float v : share.positions->values) sum += static_cast<double>(v);
  const float left = side + Metrics::kPad;
  if (width - left > 90.0F) {
    ImGui::SetCursorScreenPos({corner.x + left, corner.y});
    text(wrapped(tr(text::effect_positions_sum, {{"sum", signed_short(sum)}}), width - left, fonts().body),
         Role::quiet);
    ImGui::SetCursorScreenPos({corner.x, frame.to.y + Metrics::kGap});
    ImGui::Dummy({0, 0});
  }
}

}  // namespace

void effect_panel(const View& view, UiState&, CommandQueue&) {
  if (!view.answered() || !view.document().selection.weight) return;
  const studies::Effect& effect = view.lab.engine().effect();
  if (effect.curve() == nullptr && effect.share() == nullptr) return;
  const document::Document& document = view.document();
  const float now = document.shown_weights()[nn::flat_index(document.graph(), *document.selection.weight)];
  const Card card("effect", say(text::effect_title));
  if (effect.curve() != nullptr && !effect.curve()->trials.empty()) {
    draw_curve(view, *effect.curve(), now);
    draw_words(view, *effect.curve(), now);
  }
  if (effect.share() == nullptr) return;
  draw_positions(view, *effect.share(), card.width());
  draw_shares(view, *effect.share(), card.width());
}

}  // namespace weightroom::ui
