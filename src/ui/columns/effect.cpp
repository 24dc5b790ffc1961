// What the lit weight does: the answer at every value it could have, its share of each class, and where it works.
#include <algorithm>
#include <cmath>

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

// The logit over the weight's value: run, and as the tangent foretells.
void draw_curve(const View& view, const explain::WeightCurve& curve, float now) {
  const document::Document& document = view.document();
  const std::size_t target = view.lab.engine().effect().target_in_curve();
  PlotLine run{"Run", colours().accent, {}, {}};
  PlotLine foretold{"Foretold", colours().quiet, {}, {}, true};
  for (const explain::WeightTrial& trial : curve.trials) {
    run.x.push_back(static_cast<double>(trial.value));
    run.y.push_back(static_cast<double>(trial.logits[target]));
    foretold.x.push_back(static_cast<double>(trial.value));
    foretold.y.push_back(curve.foretold(target, trial.value));
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
  for (const PlotLine* line : {&run, &rival}) {
    for (const double y : line->y) {
      if (!std::isfinite(y)) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  }
  const double margin = std::max(0.05 * (high - low), 1e-3);
  std::vector<PlotLine> lines{run, foretold};
  lines[0].label = class_label(document, answer);
  lines[1].label = "foretold";
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
        .x_title = "value of the weight",
        .y_title = "Logit"},
       190.0F, marks);
}

// "At 0 the logit falls by 1.20 (foretold 1.35): 12 values of relu2 and later switch."
std::string trial_words(const View& view, const explain::WeightCurve& curve, const explain::WeightTrial& trial) {
  const std::size_t target = view.lab.engine().effect().target_in_curve();
  const double from = static_cast<double>(curve.at_reference.logits[target]);
  const double run = static_cast<double>(trial.logits[target]) - from;
  const double foretold = curve.foretold(target, trial.value) - from;
  std::string words = "foretold " + signed_short(foretold) + ", run " + signed_short(run) + ": ";
  if (trial.changes.total == 0)
    return words + (curve.piecewise_linear ? "no ReLU or pool switches on the way." : "nothing switches.");
  const std::string where = node_name(view.document(), trial.changes.node);
  return words + grouped(trial.changes.total) +
         (trial.changes.total == 1 ? " value switches, in " : " values switch, first ") +
         (trial.changes.total == 1 ? "" : grouped(trial.changes.count) + " of ") + where + ".";
}

// The trial whose value is nearest.
const explain::WeightTrial& nearest(const explain::WeightCurve& curve, float value) {
  return *std::ranges::min_element(curve.trials, {}, [&](const auto& t) { return std::fabs(t.value - value); });
}

void draw_words(const View& view, const explain::WeightCurve& curve, float now) {
  const explain::WeightCurve::Range exact = curve.linear();
  if (exact.from < exact.to)
    text("Foretold is exact from " + document::number_text(exact.from) + " to " + document::number_text(exact.to) + ".",
         Role::quiet, true);
  text("At 0: " + trial_words(view, curve, curve.at_zero), Role::body, true);
  tooltip(
      "Against the value it was loaded with. Foretold by the gradient there: exact as long as no ReLU or pool "
      "switches.");
  if (now != curve.reference)
    text("Near " + document::number_text(now) + ": " + trial_words(view, curve, nearest(curve, now)), Role::body, true);
}

// The classes that it makes most of, for and against.
void draw_shares(const View& view, const explain::WeightShare& share, float width) {
  std::vector<std::size_t> order(share.classes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  base::sort(order, {}, [&](std::size_t i) { return std::pair(-std::fabs(share.slopes[i]), i); });
  const double value = static_cast<double>(share.value);
  const double scale = std::max(1e-12, std::fabs(value * share.slopes[order.front()]));
  text("Its share of each class", Role::strong);
  tooltip(
      "Weight × gradient of each class's logit: what this weight adds to it, to first order. The shares of a layer "
      "and of the biases from it on sum to the logit.");
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
  text("Where its share of " + class_label(view.document(), view.results().target) + " comes from", Role::strong);
  const float side = std::min(width, 180.0F);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const Frame frame{corner, {corner.x + side, corner.y + side}};
  ImGui::Dummy({side, side});
  note_item("effect/positions");
  const MapTile tile{"effect", view.lab.engine().effect().version(), &shown, largest(shown.values)};
  draw_map_tile(view, tile, frame);
  read_map_tile(tile, frame, "Share made here");
  double sum = 0.0;
  for (const float v : share.positions->values) sum += static_cast<double>(v);
  const float left = side + Metrics::kPad;
  if (width - left > 90.0F) {
    ImGui::SetCursorScreenPos({corner.x + left, corner.y});
    text(wrapped("The map sums to " + signed_short(sum) + ".", width - left, fonts().body), Role::quiet);
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
  const Card card("effect", "What it does");
  if (effect.curve() != nullptr && !effect.curve()->trials.empty()) {
    draw_curve(view, *effect.curve(), now);
    draw_words(view, *effect.curve(), now);
  }
  if (effect.share() == nullptr) return;
  draw_positions(view, *effect.share(), card.width());
  draw_shares(view, *effect.share(), card.width());
}

}  // namespace weightroom::ui
