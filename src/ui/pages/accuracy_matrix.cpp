// The confusion matrix: which class is mistaken for which, what the edits changed in it, and how sure the answers are.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/accuracy.h>

#include "base/sort.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/accuracy.h"
#include "ui/pages/accuracy_grid.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr std::size_t kMostInMatrix = 32;  // classes; of more the pairs that are confused most are listed
constexpr std::size_t kPairs = 12;

// Of many classes the pairs that are confused most.
void draw_pairs(const Matrix& matrix, float width, UiState& ui, CommandQueue& commands) {
  struct Pair {
    int count;
    std::size_t truth;
    std::size_t answer;
  };
  std::vector<Pair> pairs;
  for (const std::size_t truth : matrix.classes) {
    for (const std::size_t answer : matrix.classes) {
      const int count = matrix.change ? std::abs(matrix.changed(truth, answer)) : matrix.count(truth, answer);
      if (truth != answer && count > 0) pairs.push_back({count, truth, answer});
    }
  }
  base::sort(pairs, [](const Pair& a, const Pair& b) {
    return std::tuple(-a.count, a.truth, a.answer) < std::tuple(-b.count, b.truth, b.answer);
  });
  pairs.resize(std::min(pairs.size(), kPairs));
  const document::Document& document = matrix.view.document();
  const TabGroup stop;
  const float height = theme().metrics.control;
  for (const Pair& pair : pairs) {
    const Area at = area("pair/" + std::to_string(pair.truth) + "/" + std::to_string(pair.answer), {width, height});
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (at.hovered) list.AddRectFilled(at.from, at.to, colours().control_hover, Metrics::kRound);
    draw_focus(list, at, Metrics::kRound);
    draw_text_in(list, fonts().body, at.from, at.to, 0.0F, colours().ink,
                 shortened(cell_words(document, static_cast<int>(pair.truth), static_cast<int>(pair.answer)),
                           width - 120.0F, fonts().body));
    const int by = matrix.changed(pair.truth, pair.answer);
    draw_text_in(list, fonts().body, at.from, at.to, 1.0F, colours().quiet,
                 grouped(static_cast<std::size_t>(matrix.count(pair.truth, pair.answer))) +
                     (by == 0 ? "" : " (" + signed_count(by) + ")"));
    if (at.pressed) press_cell(matrix, pair.truth, pair.answer, ui, commands);
  }
}

}  // namespace

std::string cell_words(const document::Document& document, int truth, int answer) {
  const std::string right = class_label(document, truth);
  if (truth == answer) return tr(text::accuracy_cell_right, {{"truth", right}});
  return tr(text::accuracy_cell_taken, {{"truth", right}, {"answer", class_label(document, answer)}});
}

void draw_confusion(const View& view, UiState& ui, CommandQueue& commands) {
  const studies::Measure& measure = view.lab.engine().measure();
  if (measure.unedited() == nullptr || measure.now().count == 0) return;
  const studies::Evaluation& now = view.document().view.compare ? *measure.unedited() : measure.now();
  const bool narrow = narrow_page();
  Card card("confusion_card", say(text::accuracy_confusion), narrow ? 0.0F : 220.0F);
  constexpr std::array<Text, 2> kShown{text::accuracy_confusion_pictures, text::accuracy_confusion_change};
  int shown = ui.confusion_change ? 1 : 0;
  if (!narrow) card.begin_trailing();
  if (segmented("confusion/show", kShown, shown, narrow ? card.width() : 216.0F)) ui.confusion_change = shown == 1;
  if (!narrow) card.end_trailing();
  Matrix matrix{view, now, *measure.unedited(), {}, ui.confusion_change};
  const std::size_t all = now.class_count.size();
  for (std::size_t k = 0; k < all; ++k) {
    bool there = now.class_count[k] > 0;
    for (std::size_t t = 0; !there && t < all; ++t) there = matrix.count(t, k) > 0;
    if (there) matrix.classes.push_back(k);
  }
  const bool in_matrix = matrix.classes.size() <= kMostInMatrix;
  if (in_matrix) draw_grid(matrix, card.width(), ui, commands);
  text(tr(ui.confusion_change ? text::accuracy_confusion_change_help : text::accuracy_confusion_pictures_help),
       Role::quiet, true);
  if (!in_matrix || narrow) draw_pairs(matrix, card.width(), ui, commands);  // a finger needs larger targets than cells
}

// How often answers of each confidence are right.
void draw_reliability(const View& view) {
  const studies::Measure& measure = view.lab.engine().measure();
  if (measure.unedited() == nullptr || measure.now().count == 0) return;
  const Card card("reliability", say(text::accuracy_reliability));
  const auto line_of = [](const studies::Evaluation& of, std::string label, ImU32 colour, bool dashed) {
    PlotLine line{std::move(label), colour, {}, {}, dashed};
    for (const studies::Evaluation::Bin& bin : of.bins) {
      if (bin.count == 0) continue;
      line.x.push_back(bin.confidence / bin.count);
      line.y.push_back(static_cast<double>(bin.right) / bin.count);
    }
    return line;
  };
  std::vector<PlotLine> lines{{tr(text::accuracy_reliability_ideal), colours().faint, {0.0, 1.0}, {0.0, 1.0}, true}};
  if (view.document().edited())
    lines.push_back(line_of(*measure.unedited(), tr(text::accuracy_reliability_unedited), colours().quiet, true));
  lines.push_back(line_of(measure.now(), tr(text::accuracy_reliability_now), line_colour(0), false));
  plot("reliability/plot", lines,
       {.x_title = tr(text::accuracy_reliability_x),
        .y_title = tr(text::accuracy_reliability_y),
        .x_percent = true,
        .y_percent = true,
        .marks_points = true},
       200.0F);
  text(say(text::accuracy_reliability_help), Role::quiet, true);
}

}  // namespace weightroom::ui
