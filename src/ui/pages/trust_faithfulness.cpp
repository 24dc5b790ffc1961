// The picture is changed in the order of each map: one that finds what counts moves the answer at once.
#include <array>
#include <cmath>

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
    PlotLine line{row.title, colour_of(row, r), curve.share, curve.probability, row.method == nullptr};
    if (row.name == "edges") line.colour = colours().faint;
    lines.push_back(std::move(line));
  }
  plot_legend(lines);
  plot("faithfulness/plot", lines,
       {.x_title = removal == explain::Removal::insertion ? "of the pixels are back" : "of the pixels are gone",
        .y_title = "Probability of " + class_label(view.document(), view.results().target),
        .x_percent = true,
        .y_percent = true},
       250.0F);
}

struct ScoreColumn {
  std::string_view title;
  std::string_view help;
  double (*value)(const Faithfulness::Row& row);
  bool low = false;   // the smallest is the best
  bool high = false;  // the largest is
};

double area(const Faithfulness::Row& row, explain::Removal removal) {
  const explain::Curve& curve = row.curves[static_cast<int>(removal)];
  return curve.probability.empty() ? std::nan("") : explain::Curve::area(curve.probability);
}

constexpr std::array<ScoreColumn, 7> kScoreColumns{
    {{"Deletion", "Area under the curve while the pixels that count most turn black. Low is better.",
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::deletion); }, true, false},
     {"Insert", "Area under the curve while they come back into a blurred picture. High is better.",
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::insertion); }, false, true},
     {"Flip", "As deletion, each colour of a pixel by itself. Low is better.",
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::pixel_flipping); }, true, false},
     {"ROAD", "As deletion, the holes filled from around them. Low is better.",
      [](const Faithfulness::Row& row) { return area(row, explain::Removal::road); }, true, false},
     {"Infid.",
      "Infidelity: how far the map misses what small random changes of the picture do to the logit: 0 foretells all, 1 "
      "is as bad as "
      "a map of zeros. Only of maps that are in units of the logit.",
      [](const Faithfulness::Row& row) { return row.infidelity; }, true, false},
     {"Sens.",
      "Sensitivity: the largest relative change of the map when the picture changes by 2 % at most. Low is steadier.",
      [](const Faithfulness::Row& row) { return row.sensitivity; }, true, false},
     {"Sparse",
      "Sparseness, Gini's coefficient of the map: 0 where all pixels count alike, 1 where a single one does. "
      "Neither is better.",
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
    ImFont* font = text_size(column.title, fonts().body).x > each - 4.0F ? fonts().small : fonts().body;
    draw_text_in(list, font, at, {at.x + each, at.y + height}, 1.0F, colours().quiet,
                 shortened(column.title, each - 4.0F, font));
    if (ImGui::IsMouseHoveringRect(at, {at.x + each, at.y + height * static_cast<float>(found.rows.size() + 1)}) &&
        begin_tooltip()) {
      text(column.title, Role::strong);
      text(wrapped(column.help, 360.0F, fonts().body));
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
                 shortened(found.rows[r].title, names - 24.0F, fonts().body));
  }
  ImGui::Dummy({width, height * static_cast<float>(found.rows.size() + 1)});
  note_item("faithfulness/table");
}

}  // namespace

void draw_faithfulness(const View& view, float width) {
  const Faithfulness& found = view.lab.engine().study().get<studies::Faithfulness>();
  text(explain::removal_summary(view.document().choice<studies::TrustChoice>().removal), Role::quiet, true);
  if (found.rows.empty()) return;
  draw_curves(view);
  draw_table(view, width);
  text(
      "What this does not prove: pictures with holes are like none the network was trained on, so a score can fall for "
      "the hole and not for what is missing; methods that blur do well by blurring; and a map can be faithful to a "
      "network that is wrong. The random map and the edge detector know nothing of the network: whoever does no better "
      "than they has explained nothing.",
      Role::quiet, true);
}

}  // namespace weightroom::ui
