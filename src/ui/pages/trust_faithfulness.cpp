// The picture is changed in the order of each map: one that finds what counts moves the answer at once.
#include <array>
#include <cmath>

#include <strings/trust.h>

#include "studies/trust.h"
#include "ui/context.h"
#include "ui/pages/trust_view.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

using studies::Faithfulness;

ImU32 colour_of(const Faithfulness::Row& row, std::size_t place) {
  return row.method != nullptr ? line_colour(static_cast<int>(place)) : colours().quiet;
}

void draw_curves(const View& view) {
  const Faithfulness& found = view.lab.engine().study().get<studies::Faithfulness>();
  const explain::Removal removal = view.document().choice<studies::TrustChoice>().removal;
  std::vector<PlotLine> lines;
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    const Faithfulness::Row& row = found.rows[r];
    const explain::Curve& curve = row.curves[static_cast<int>(removal)];
    PlotLine line{tr(row.title), colour_of(row, r), curve.share, curve.probability, row.method == nullptr};
    if (row.name == "edges") line.colour = colours().faint;
    lines.push_back(std::move(line));
  }
  plot_legend(lines);
  plot("faithfulness/plot", lines,
       {.x_title = tr(removal == explain::Removal::insertion ? text::trust_faithful_back : text::trust_faithful_gone),
        .y_title =
            tr(text::trust_faithful_probability, {{"class", class_label(view.document(), view.results().target)}}),
        .x_percent = true,
        .y_percent = true},
       250.0F);
}

struct ScoreColumn {
  Text title;
  Text help;
  double (*value)(const Faithfulness::Row& row);
  bool low = false;   // the smallest is the best
  bool high = false;  // the largest is
};

double area(const Faithfulness::Row& row, explain::Removal removal) {
  const explain::Curve& curve = row.curves[static_cast<int>(removal)];
  return curve.probability.empty() ? std::nan("") : explain::Curve::area(curve.probability);
}

constexpr std::array<ScoreColumn, 7> kScoreColumns{
    {{text::trust_score_deletion, text::trust_score_deletion_help,
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::deletion); }, true, false},
     {text::trust_score_insertion, text::trust_score_insertion_help,
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::insertion); }, false, true},
     {text::trust_score_flipping, text::trust_score_flipping_help,
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::pixel_flipping); }, true, false},
     {text::trust_score_road, text::trust_score_road_help,
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::road); }, true, false},
     {text::trust_score_infidelity, text::trust_score_infidelity_help,
      [](const Faithfulness::Row& row) { return row.infidelity; }, true, false},
     {text::trust_score_sensitivity, text::trust_score_sensitivity_help,
      [](const Faithfulness::Row& row) { return row.sensitivity; }, true, false},
     {text::trust_score_sparseness, text::trust_score_sparseness_help,
      [](const Faithfulness::Row& row) { return row.sparseness; }}}};

// The row that is best in a column, or none.
int best_row(const Faithfulness& found, const ScoreColumn& column) {
  int best = -1;
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    const double value = column.value(found.rows[r]);
    if (!std::isfinite(value) || (!column.low && !column.high)) continue;
    const double old = best < 0 ? 0.0 : column.value(found.rows[static_cast<std::size_t>(best)]);
    if (best < 0 || (column.low ? value < old : value > old)) best = static_cast<int>(r);
  }
  return best;
}

void draw_table(const View& view, float width) {
  const Faithfulness& found = view.lab.engine().study().get<studies::Faithfulness>();
  const float height = 30.0F;
  const float names = std::clamp(width * 0.26F, 96.0F, 190.0F);
  const float each = (width - names) / static_cast<float>(kScoreColumns.size());
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t c = 0; c < kScoreColumns.size(); ++c) {
    const ScoreColumn& column = kScoreColumns[c];
    const ImVec2 at{from.x + names + each * static_cast<float>(c), from.y};
    const std::string title = tr(column.title);
    ImFont* font = text_size(title, fonts().body).x > each - 4.0F ? fonts().small : fonts().body;
    draw_text_in(list, font, at, {at.x + each, at.y + height}, 1.0F, colours().quiet,
                 shortened(title, each - 4.0F, font));
    if (ImGui::IsMouseHoveringRect(at, {at.x + each, at.y + height * static_cast<float>(found.rows.size() + 1)}) &&
        begin_tooltip()) {
      text(title, Role::strong);
      text(wrapped(tr(column.help), 360.0F, fonts().body));
      end_tooltip();
    }
    const int best = best_row(found, column);
    for (std::size_t r = 0; r < found.rows.size(); ++r) {
      const double value = column.value(found.rows[r]);
      const float y = at.y + height * static_cast<float>(r + 1);
      const bool bold = best == static_cast<int>(r);
      draw_text_in(list, bold ? fonts().strong : fonts().body, {at.x, y}, {at.x + each, y + height}, 1.0F,
                   std::isfinite(value) ? colours().ink : colours().faint,
                   std::isfinite(value) ? decimal(value, 2) : "–");
    }
  }
  for (std::size_t r = 0; r < found.rows.size(); ++r) {
    const float y = from.y + height * static_cast<float>(r + 1);
    list.AddLine({from.x, y}, {from.x + width, y}, colours().line, 1.0F);
    const ImU32 colour = found.rows[r].name == "edges" ? colours().faint : colour_of(found.rows[r], r);
    list.AddRectFilled({from.x, y + 10.0F}, {from.x + 12.0F, y + 20.0F}, colour, 3.0F);
    draw_text_in(list, fonts().body, {from.x + 20.0F, y}, {from.x + names, y + height}, 0.0F, colours().ink,
                 shortened(tr(found.rows[r].title), names - 24.0F, fonts().body));
  }
  ImGui::Dummy({width, height * static_cast<float>(found.rows.size() + 1)});
  note_item("faithfulness/table");
}

}  // namespace

void draw_faithfulness(const View& view, float width) {
  const Faithfulness& found = view.lab.engine().study().get<studies::Faithfulness>();
  text(tr(explain::removal_summary(view.document().choice<studies::TrustChoice>().removal)), Role::quiet, true);
  if (found.rows.empty()) return;
  draw_curves(view);
  draw_table(view, width);
  text(say(text::trust_faithful_limits), Role::quiet, true);
}

}  // namespace weightroom::ui
