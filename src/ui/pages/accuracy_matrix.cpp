// The confusion matrix: which class is mistaken for which, what the edits changed in it, and how sure the answers are.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/accuracy.h>

#include "base/sort.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/accuracy.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr std::size_t kMostInMatrix = 32;  // classes; of more the pairs that are confused most are listed
constexpr std::size_t kPairs = 12;

struct Matrix {
  const View& view;
  const studies::Evaluation& now;
  const studies::Evaluation& before;
  std::vector<std::size_t> classes;  // with pictures, or answered
  bool change = false;               // since the unedited model

  [[nodiscard]] int count(std::size_t truth, std::size_t answer) const {
    return now.confusion[truth * now.class_count.size() + answer];
  }
  [[nodiscard]] int changed(std::size_t truth, std::size_t answer) const {
    return count(truth, answer) - before.confusion[truth * now.class_count.size() + answer];
  }
};

std::string signed_count(int value) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + grouped(static_cast<std::size_t>(std::abs(value)));
}

ImU32 cell_colour(const Matrix& matrix, std::size_t truth, std::size_t answer) {
  const double all = std::max(1, matrix.now.class_count[truth]);
  if (matrix.change) {
    // What is right more often is warm, and so is what is taken for it less often.
    const double by = matrix.changed(truth, answer) / all * (truth == answer ? 1.0 : -1.0);
    return to_u32(gfx::diverging(static_cast<float>(std::clamp(3.0 * by, -1.0, 1.0)), theme().ground()));
  }
  const double share = matrix.count(truth, answer) / all;
  if (truth == answer) return blend(colours().track, colours().accent, static_cast<float>(0.15 + 0.55 * share));
  return share == 0.0
             ? colours().track
             : blend(colours().track, colours().danger, static_cast<float>(std::min(0.85, 0.12 + 1.6 * share)));
}

void cell_tooltip(const Matrix& matrix, std::size_t truth, std::size_t answer) {
  if (!begin_tooltip(true)) return;
  const int count = matrix.count(truth, answer);
  text(cell_words(matrix.view.document(), static_cast<int>(truth), static_cast<int>(answer)), Role::strong);
  text(tr(text::accuracy_cell_count, {{"count", count}, {"n", matrix.now.class_count[truth]}}));
  if (const int by = matrix.changed(truth, answer); by != 0)
    text(tr(text::accuracy_cell_since, {{"change", signed_count(by)}}), Role::quiet);
  if (count > 0) text(say(text::accuracy_cell_open), Role::quiet);
  end_tooltip();
}

void press_cell(const Matrix& matrix, std::size_t truth, std::size_t answer, CommandQueue& commands) {
  const std::pair cell{static_cast<int>(truth), static_cast<int>(answer)};
  if (matrix.view.document().selection.cell == cell) {
    commands.push(document::command::SelectCell{"", ""});
  } else {
    commands.push(document::command::SelectCell{std::to_string(truth), std::to_string(answer)});
  }
}

// Recall at the end of a row, with its change in points.
void draw_recall(const Matrix& matrix, std::size_t truth, ImVec2 from, ImVec2 to) {
  const double recall = matrix.now.recall(truth);
  if (!std::isfinite(recall)) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const double by = 100.0 * (recall - matrix.before.recall(truth));
  const float middle = from.x + (to.x - from.x) * 0.55F;
  draw_text_in(list, fonts().body, from, {middle, to.y}, 1.0F, colours().ink, percent(recall, 0));
  if (std::abs(by) < 0.05) return;
  draw_text_in(list, fonts().body, {middle, from.y}, to, 1.0F, by > 0.0 ? colours().rise : colours().fall,
               (by > 0.0 ? "+" : "") + decimal(by, 0));
}

void draw_grid(const Matrix& matrix, float width, CommandQueue& commands) {
  const document::Document& document = matrix.view.document();
  const std::size_t n = matrix.classes.size();
  const float head = text_size(say(text::accuracy_correct_class), fonts().body).x;
  float names = head;
  for (const std::size_t k : matrix.classes)
    names = std::max(names, text_size(class_label(document, static_cast<int>(k)), fonts().body).x);
  names = std::min(names, std::max(head, width * 0.24F - 12.0F)) + 12.0F;
  constexpr float kRecall = 96.0F;
  const float each = std::min(72.0F, std::floor((width - names - kRecall) / static_cast<float>(n)));
  const float height = std::clamp(each, 22.0F, 34.0F);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float line = font_height(fonts().body);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text(list, fonts().body, {from.x, from.y}, colours().quiet, say(text::accuracy_correct_class));
  draw_text_in(list, fonts().body, {from.x + names, from.y},
               {from.x + names + each * static_cast<float>(n), from.y + line}, 0.0F, colours().quiet,
               say(text::accuracy_answered));
  draw_text_in(list, fonts().body, {from.x + names + each * static_cast<float>(n), from.y},
               {from.x + names + each * static_cast<float>(n) + kRecall * 0.55F + 10.0F, from.y + line}, 1.0F,
               colours().quiet, say(text::accuracy_recall));
  const float top = from.y + line + 4.0F;
  for (std::size_t r = 0; r < n; ++r) {
    const std::size_t truth = matrix.classes[r];
    const float y = top + height * static_cast<float>(r);
    draw_text_in(list, fonts().body, {from.x, y}, {from.x + names, y + height}, 0.0F, colours().ink,
                 shortened(class_label(document, static_cast<int>(truth)), names - 8.0F, fonts().body));
    for (std::size_t c = 0; c < n; ++c) {
      const std::size_t answer = matrix.classes[c];
      const ImVec2 at{from.x + names + each * static_cast<float>(c), y};
      const ImVec2 to{at.x + each - 2.0F, at.y + height - 2.0F};
      ImGui::SetCursorScreenPos(at);
      const Area cell =
          area("cell/" + std::to_string(truth) + "/" + std::to_string(answer), {each - 2.0F, height - 2.0F});
      const ImU32 ground = cell_colour(matrix, truth, answer);
      list.AddRectFilled(at, to, ground, 3.0F);
      const int count = matrix.count(truth, answer);
      const int by = matrix.changed(truth, answer);
      const std::string words = matrix.change ? (by == 0 ? "" : signed_count(by))
                                : count == 0  ? ""
                                              : grouped(static_cast<std::size_t>(count));
      if (each >= 30.0F) draw_text_in(list, fonts().small, at, to, 0.5F, ink_on(ground), words);
      const bool chosen = document.selection.cell == std::pair{static_cast<int>(truth), static_cast<int>(answer)};
      if (chosen || cell.hovered)
        list.AddRect(at, to, chosen ? colours().accent : colours().quiet, 3.0F, ImDrawFlags_None, 2.0F);
      draw_focus(list, cell, 3.0F);
      if (cell.hovered) cell_tooltip(matrix, truth, answer);
      if (cell.pressed) press_cell(matrix, truth, answer, commands);
    }
    draw_recall(matrix, truth, {from.x + names + each * static_cast<float>(n), y},
                {from.x + names + each * static_cast<float>(n) + kRecall, y + height});
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, top - from.y + height * static_cast<float>(n)});
  note_item("confusion");
}

// Of many classes the pairs that are confused most.
void draw_pairs(const Matrix& matrix, float width, CommandQueue& commands) {
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
    if (at.pressed) press_cell(matrix, pair.truth, pair.answer, commands);
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
  if (in_matrix) draw_grid(matrix, card.width(), commands);
  text(tr(ui.confusion_change ? text::accuracy_confusion_change_help : text::accuracy_confusion_pictures_help),
       Role::quiet, true);
  if (!in_matrix || narrow) draw_pairs(matrix, card.width(), commands);  // a finger needs larger targets than cells
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
