// Which weights count for this answer, foretold and run, and which would change it by themselves.
#include "studies/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "explain/scores.h"
#include "ui/context.h"
#include "ui/network/words.h"
#include "ui/pages/page.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kRankingRow = 30.0F;

// Too narrow for name, bar and numbers in one line: the name has a line of its own above them.
bool two_lines(float width) { return width < 420.0F; }

float row_height(float width) {
  if (two_lines(width)) return kRankingRow + font_height(fonts().body) + 4.0F;
  return context().touch ? theme().metrics.control : kRankingRow;
}

// The group a row stands for: a weight by its name, a kernel and a channel by what they join.
std::string row_name(const document::Document& document, const explain::Ranked& row, explain::Grain grain) {
  const nn::Graph& graph = document.graph();
  const nn::WeightRef ref = nn::ref_of(graph, row.first);
  const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(ref.tensor)];
  const std::string& layer = graph.nodes()[static_cast<std::size_t>(tensor.node)].name;
  const std::size_t fan = tensor.shape.sample_size();
  if (grain == explain::Grain::weight) return nn::format_weight_ref(graph, ref);
  const auto channel = static_cast<int>(ref.element / fan);
  const std::string output =
      network::is_answer(graph, tensor.node) ? class_label(document, channel) : "channel " + std::to_string(channel);
  if (grain == explain::Grain::channel) return layer + ", " + output;
  const std::size_t each = fan / static_cast<std::size_t>(tensor.shape[1]);
  return layer + ", " + output + ", kernel of input " + std::to_string(ref.element % fan / each);
}

void draw_ranking_choices(const View& view, CommandQueue& commands, float width) {
  const document::Document& document = view.document();
  const studies::RankingChoice& choice = document.choice<studies::RankingChoice>();
  constexpr Labelled<bool> kShows[] = {{false, "Which count most"}, {true, "Which change the answer"}};
  bool flips = choice.flips;
  if (segmented("ranking/show", kShows, flips))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.flips = flips; });
  const auto draw_biases = [&] {
    bool biases = choice.biases;
    if (toggle("ranking/biases", "Biases too", biases, "A bias moves a whole map at once: few of them, and strong."))
      choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.biases = biases; });
  };
  if (choice.flips) return draw_biases();
  const std::vector<Option> by{
      {"Weight × gradient", "The sum of |w × gradient|: each weight's share of the logit."},
      {"Without it, foretold", "What the logit should lose without the group: |sum of w × gradient|."},
      {"Loss without it", "What the loss should gain: half of w² times its second derivative (optimal brain damage)."},
      {"Without it, run", "What the logit does lose: the 200 foretold to count most are run without."}};
  int chosen = static_cast<int>(choice.by);
  const bool narrow = width < 420.0F;
  const float part = narrow ? width : (width - Metrics::kGap) * 0.45F;
  const float other = narrow ? width : width - part - Metrics::kGap;
  const auto beside = [&] {
    if (!narrow) ImGui::SameLine(0, Metrics::kGap);
  };
  if (select("ranking/by", by, chosen, part))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.by = static_cast<studies::RankBy>(chosen); });
  beside();
  constexpr Labelled<explain::Grain> kGrains[] = {
      {explain::Grain::weight, "Weights"}, {explain::Grain::kernel, "Kernels"}, {explain::Grain::channel, "Channels"}};
  explain::Grain grain = choice.grain;
  if (segmented("ranking/grain", kGrains, grain, other))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.grain = grain; });
  const auto over = [&] {
    std::vector<Option> all{{"This picture"}, {"All pictures", "The mean over the open set, or the samples."}};
    if (!document.pictures) return all;
    const auto counts = document.pictures->class_counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      all.push_back({document.pictures->images.class_names[i]});
      all.back().aside = std::to_string(counts[i]);
      if (i == 0) all.back().heading = "Of " + document.pictures->name;
    }
    return all;
  };
  int set = choice.over.empty() ? 0 : choice.over == "*" ? 1 : -1;
  const std::string over_now = choice.over.empty()  ? "This picture"
                               : choice.over == "*" ? "All pictures"
                                                    : "Pictures of " + choice.over;
  if (select("ranking/over", over_now, over, set, part) && set >= 0) {
    const std::string name = set == 0   ? ""
                             : set == 1 ? "*"
                                        : document.pictures->images.class_names[static_cast<std::size_t>(set - 2)];
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.over = name; });
  }
  beside();
  bool layer = choice.layer;
  const std::string& name = document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].name;
  if (toggle("ranking/layer", "Only " + name, layer, "Only the weights of the layer that is chosen."))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.layer = layer; });
  if (choice.grain != explain::Grain::weight) return;
  ImGui::SameLine(0, Metrics::kGap);
  draw_biases();
}

struct Columns {
  float name = 0.0F;   // where the bars begin
  float bars = 0.0F;   // where they end
  float value = 0.0F;  // the right end of the first number
  float exact = 0.0F;  // and of the second
};

Columns columns_of(float width) {
  const bool narrow = two_lines(width);
  const float number = narrow ? 66.0F : 74.0F;
  const float exact = width - (narrow ? 30.0F : 36.0F);
  return {narrow ? 0.0F : std::clamp(width * 0.36F, 110.0F, 300.0F), exact - 2 * number, exact - number, exact};
}

// From zero to the left or right; what was run as a line across.
void draw_bar(ImDrawList& list, ImVec2 from, ImVec2 to, double value, double exact, double scale) {
  const float middle = (from.x + to.x) / 2;
  const float half = (to.x - from.x) / 2 - 2.0F;
  const auto x = [&](double v) { return middle + half * static_cast<float>(std::clamp(v / scale, -1.0, 1.0)); };
  list.AddLine({middle, from.y}, {middle, to.y}, colours().line, 1.0F);
  const float end = x(value);
  list.AddRectFilled({std::min(middle, end), from.y + 8.0F}, {std::max(middle, end), to.y - 8.0F},
                     value < 0.0 ? colours().fall : colours().rise, 2.0F);
  if (!std::isfinite(exact)) return;
  const float at = x(exact);
  list.AddLine({at, from.y + 4.0F}, {at, to.y - 4.0F}, colours().ink, 2.0F);
}

void draw_ranking_head(float width) {
  const Columns columns = columns_of(width);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto put = [&](float left, float right, float align, std::string_view words) {
    draw_text_in(list, fonts().body, {from.x + left, from.y}, {from.x + right, from.y + kRankingRow}, align,
                 colours().quiet, shortened(words, right - left, fonts().body));
  };
  put(0.0F, columns.bars, 0.0F, two_lines(width) ? "The logit without it" : "Without it the logit moves by");
  put(columns.bars, columns.value, 1.0F, "foretold");
  put(columns.value, columns.exact, 1.0F, "run");
  ImGui::Dummy({width, kRankingRow});
}

void jump(const View& view, const explain::Ranked& row, CommandQueue& commands, bool to_wall) {
  commands.push(document::command::SelectWeight{nn::ref_of(view.document().graph(), row.first)});
  if (to_wall) commands.push(document::command::OpenPage{"layers"});
}

void draw_row(const View& view, CommandQueue& commands, std::size_t k, float width, double scale) {
  const document::Document& document = view.document();
  const explain::Ranked& row = view.lab.engine().study().get<studies::Ranking>().rows[k];
  const Columns columns = columns_of(width);
  const std::string name = row_name(document, row, document.choice<studies::RankingChoice>().grain);
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const float height = row_height(width);
  const float names = two_lines(width) ? columns.exact : columns.name - 8.0F;
  const Area at = area("ranking/row/" + std::to_string(k), {columns.exact, height});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto& lit = document.selection.weight;
  const std::size_t lit_at = lit ? nn::flat_index(document.graph(), *lit) : document.graph().weight_count();
  const bool chosen = lit_at >= row.first && lit_at < row.first + row.count;
  if (chosen || at.hovered)
    list.AddRectFilled({at.from.x - 6.0F, at.from.y}, {at.to.x + 2.0F, at.to.y},
                       chosen ? colours().accent_soft : colours().control_hover, 6.0F);
  const float top = two_lines(width) ? at.to.y - kRankingRow : at.from.y;  // of the bar and the numbers
  const float below = two_lines(width) ? top + 4.0F : at.to.y;             // the name
  draw_text_in(list, fonts().body, at.from, {at.from.x + names, below}, 0.0F, colours().ink,
               shortened(name, names, fonts().body));
  draw_bar(list, {at.from.x + columns.name, top}, {at.from.x + columns.bars, at.to.y}, row.predicted, row.exact, scale);
  const auto put = [&](float left, float right, double value) {
    draw_text_in(list, fonts().body, {at.from.x + left, top}, {at.from.x + right, at.to.y}, 1.0F,
                 std::isfinite(value) ? colours().ink : colours().faint,
                 std::isfinite(value) ? signed_short(value) : "…");
  };
  put(columns.bars, columns.value, row.predicted);
  put(columns.value, columns.exact, row.exact);
  draw_focus(list, at, 6.0F);
  if (shortened(name, names, fonts().body) != name) tooltip(name);
  if (at.pressed) jump(view, row, commands, false);
  ImGui::SetCursorScreenPos({corner.x + width - 32.0F, corner.y + (height - 30.0F) / 2});
  const Area arrow = area("ranking/jump/" + std::to_string(k), {32.0F, 30.0F});
  draw_icon(list, Icon::arrow_right, arrow.centre(), 16.0F, arrow.hovered ? colours().ink : colours().faint);
  draw_focus(list, arrow, 6.0F);
  tooltip("Show it on the wall of its layer");
  if (arrow.pressed) jump(view, row, commands, true);
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({width, height});
}

void draw_ranking(const View& view, CommandQueue& commands, float width) {
  const studies::Ranking& found = view.lab.engine().study().get<studies::Ranking>();
  if (found.rows.empty()) return;
  double scale = 1e-12;
  std::vector<float> foretold;
  std::vector<float> run;
  for (const explain::Ranked& row : found.rows) {
    scale = std::max({scale, std::fabs(row.predicted), std::isfinite(row.exact) ? std::fabs(row.exact) : 0.0});
    if (!std::isfinite(row.exact)) continue;
    foretold.push_back(static_cast<float>(row.predicted));
    run.push_back(static_cast<float>(row.exact));
  }
  std::string words = "The " + std::to_string(found.rows.size()) + " of " + grouped(found.among) +
                      " weights that count most for " + class_label(view.document(), view.results().target) + ".";
  if (view.document().choice<studies::RankingChoice>().grain != explain::Grain::weight)
    words = "Those that count most for " + class_label(view.document(), view.results().target) + ", of " +
            grouped(found.among) + " weights.";
  if (found.pictures > 1) words += " Each number is the mean over " + grouped(found.pictures) + " pictures.";
  if (found.checked && run.size() > 2)
    words += " Foretold and run agree to a rank correlation of " + decimal(explain::spearman(foretold, run), 2) + ".";
  text(words, Role::quiet, true);
  draw_ranking_head(width);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  for (std::size_t k = 0; k < found.rows.size(); ++k) draw_row(view, commands, k, width, scale);
  ImGui::PopStyleVar();
}

void draw_flip(const View& view, CommandQueue& commands, std::size_t k, float width) {
  constexpr float kApply = 84.0F;
  const document::Document& document = view.document();
  const explain::Flip& flip = view.lab.engine().study().get<studies::Ranking>().flips[k];
  const nn::WeightRef ref = nn::ref_of(document.graph(), flip.weight);
  const std::string name = nn::format_weight_ref(document.graph(), ref);
  const float control = theme().metrics.control;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const Area at = area("flip/" + std::to_string(k), {width - kApply - Metrics::kGap, control});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool chosen = document.selection.weight == ref;
  if (chosen || at.hovered)
    list.AddRectFilled({at.from.x - 6.0F, at.from.y}, at.to, chosen ? colours().accent_soft : colours().control_hover,
                       6.0F);
  const float names = std::clamp(width * 0.34F, 120.0F, 260.0F);
  const float room = at.width() - names;
  draw_text_in(list, fonts().body, at.from, {at.from.x + names, at.to.y}, 0.0F, colours().ink,
               shortened(name, names - 8.0F, fonts().body));
  const std::string change = short_number(flip.from) + " → " + short_number(flip.to);
  draw_text_in(list, fonts().body, {at.from.x + names, at.from.y}, {at.from.x + names + room * 0.5F, at.to.y}, 0.0F,
               colours().ink, change);
  draw_text_in(list, fonts().strong, {at.from.x + names + room * 0.5F, at.from.y}, at.to, 0.0F, colours().accent,
               shortened(class_label(document, flip.answer), room * 0.5F - 8.0F, fonts().strong));
  draw_focus(list, at, 6.0F);
  tooltip(decimal(flip.size, 1) + " times the spread of its layer's weights");
  if (at.pressed) commands.push(document::command::SelectWeight{ref});
  ImGui::SetCursorScreenPos({corner.x + width - kApply, corner.y});
  const bool done = document.weight(ref) == flip.to;
  if (button("flip/apply/" + std::to_string(k), done ? "Applied" : "Apply",
             {.tooltip = "Set the weight to this value. Undo brings it back.", .enabled = !done, .width = kApply}))
    commands.push(document::command::SetWeight{ref, flip.to, false});
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({width, control});
}

void draw_flips(const View& view, CommandQueue& commands, float width) {
  const studies::Ranking& found = view.lab.engine().study().get<studies::Ranking>();
  text(
      "The smallest changes of a single weight that give another answer, each one run and then made as small as it can "
      "be, to 1 %.",
      Role::quiet, true);
  for (std::size_t k = 0; k < found.flips.size(); ++k) draw_flip(view, commands, k, width);
  if (found.flips_done && found.flips.empty())
    text("No single weight changes this answer within three times the largest weight of its layer.", Role::body, true);
}

}  // namespace

void weights_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("ranking", "Which weights count?");
  if (!view.answered()) return empty_state("The weights can be ranked as soon as there is an answer.", 200.0F);
  draw_ranking_choices(view, commands, card.width());
  draw_study_bar(view, commands);
  if (view.document().choice<studies::RankingChoice>().flips) {
    draw_flips(view, commands, card.width());
  } else {
    draw_ranking(view, commands, card.width());
  }
}

}  // namespace weightroom::ui
