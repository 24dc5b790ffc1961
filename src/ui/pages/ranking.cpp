// Which weights count for this answer, predicted and measured, and which would flip it by themselves.
#include "studies/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings/page.h>
#include <strings/ranking.h>

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
  const bool answer = network::is_answer(graph, tensor.node);
  const std::string label = class_label(document, channel);
  if (grain == explain::Grain::channel)
    return answer ? tr(text::ranking_row_class, {{"layer", layer}, {"class", label}})
                  : tr(text::ranking_row_channel, {{"layer", layer}, {"channel", channel}});
  const std::size_t input = ref.element % fan / (fan / static_cast<std::size_t>(tensor.shape[1]));
  return answer ? tr(text::ranking_row_kernel_class, {{"layer", layer}, {"class", label}, {"input", input}})
                : tr(text::ranking_row_kernel, {{"layer", layer}, {"channel", channel}, {"input", input}});
}

void draw_ranking_choices(const View& view, CommandQueue& commands, float width) {
  const document::Document& document = view.document();
  const studies::RankingChoice& choice = document.choice<studies::RankingChoice>();
  constexpr Keyed<bool> kShows[] = {{false, text::ranking_count}, {true, text::ranking_flips}};
  bool flips = choice.flips;
  if (segmented("ranking/show", kShows, flips))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.flips = flips; });
  const auto draw_biases = [&] {
    bool biases = choice.biases;
    if (toggle("ranking/biases", say(text::ranking_biases), biases, say(text::ranking_biases_help)))
      choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.biases = biases; });
  };
  if (choice.flips) return draw_biases();
  const std::vector<Option> by{{tr(text::ranking_by_contribution), tr(text::ranking_by_contribution_help)},
                               {tr(text::ranking_by_ablation), tr(text::ranking_by_ablation_help)},
                               {tr(text::ranking_by_loss), tr(text::ranking_by_loss_help)},
                               {tr(text::ranking_by_exact), tr(text::ranking_by_exact_help)}};
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
  constexpr Keyed<explain::Grain> kGrains[] = {{explain::Grain::weight, text::ranking_weights},
                                               {explain::Grain::kernel, text::ranking_kernels},
                                               {explain::Grain::channel, text::ranking_channels}};
  explain::Grain grain = choice.grain;
  if (segmented("ranking/grain", kGrains, grain, other))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.grain = grain; });
  const auto over = [&] {
    std::vector<Option> all{{tr(text::ranking_over_picture)},
                            {tr(text::ranking_over_all), tr(text::ranking_over_all_help)}};
    if (!document.pictures) return all;
    const auto counts = document.pictures->class_counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      all.push_back({document.pictures->images.class_names[i]});
      all.back().aside = grouped(static_cast<std::size_t>(counts[i]));
      if (i == 0) all.back().heading.label = tr(text::ranking_over_heading, {{"set", document.pictures->name}});
    }
    return all;
  };
  int set = choice.over.empty() ? 0 : choice.over == "*" ? 1 : -1;
  const std::string over_now = choice.over.empty()  ? tr(text::ranking_over_picture)
                               : choice.over == "*" ? tr(text::ranking_over_all)
                                                    : tr(text::ranking_over_class, {{"class", choice.over}});
  if (select("ranking/over", over_now, over, set, part) && set >= 0) {
    const std::string name = set == 0   ? ""
                             : set == 1 ? "*"
                                        : document.pictures->images.class_names[static_cast<std::size_t>(set - 2)];
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.over = name; });
  }
  beside();
  bool layer = choice.layer;
  const std::string& name = document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].name;
  if (toggle("ranking/layer", tr(text::ranking_layer, {{"layer", name}}), layer, say(text::ranking_layer_help)))
    choose<studies::RankingChoice>(view, commands, [&](auto& c) { c.layer = layer; });
  if (choice.grain != explain::Grain::weight) return;
  ImGui::SameLine(0, Metrics::kGap);
  if (ImGui::GetContentRegionAvail().x < toggle_width(say(text::ranking_biases))) ImGui::NewLine();
  draw_biases();
}

struct Columns {
  float name = 0.0F;   // where the bars begin
  float bars = 0.0F;   // where they end
  float value = 0.0F;  // the right end of the first number
  float exact = 0.0F;  // and of the second
};

// `names`: how wide the widest of them is.
Columns columns_of(float width, float names) {
  constexpr float kLeastBars = 90.0F;
  const bool narrow = two_lines(width);
  const float number = narrow ? 66.0F : 74.0F;
  const float exact = width - (narrow ? 30.0F : 36.0F);
  const float bars = exact - 2 * number;
  const float most = std::max(110.0F, bars - kLeastBars);
  return {narrow ? 0.0F : std::clamp(names + 14.0F, 110.0F, most), bars, exact - number, exact};
}

float widest(std::span<const std::string> names) {
  float most = 0.0F;
  for (const std::string& name : names) most = std::max(most, text_size(name, fonts().body).x);
  return most;
}

// From zero to the left or right; what was measured as a line across.
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

void draw_ranking_head(const Columns& columns, float width) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto put = [&](float left, float right, float align, std::string_view words) {
    draw_text_in(list, fonts().body, {from.x + left, from.y}, {from.x + right, from.y + kRankingRow}, align,
                 colours().quiet, shortened(words, right - left, fonts().body));
  };
  put(0.0F, columns.bars, 0.0F, tr(two_lines(width) ? text::ranking_head_narrow : text::ranking_head));
  put(columns.bars, columns.value, 1.0F, tr(text::ranking_head_predicted));
  put(columns.value, columns.exact, 1.0F, tr(text::ranking_head_measured));
  ImGui::Dummy({width, kRankingRow});
}

void jump(const View& view, const explain::Ranked& row, CommandQueue& commands, bool to_wall) {
  commands.push(document::command::SelectWeight{nn::ref_of(view.document().graph(), row.first)});
  if (to_wall) commands.push(document::command::OpenPage{"layers"});
}

void draw_row(const View& view, CommandQueue& commands, std::size_t k, const std::string& name, const Columns& columns,
              float width, double scale) {
  const document::Document& document = view.document();
  const explain::Ranked& row = view.lab.engine().study().get<studies::Ranking>().rows[k];
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
  tooltip(say(text::ranking_jump));
  if (arrow.pressed) jump(view, row, commands, true);
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({width, height});
}

// What is listed, and out of how many.
std::string top_words(const View& view, const studies::Ranking& found) {
  const std::string label = class_label(view.document(), view.results().target);
  switch (view.document().choice<studies::RankingChoice>().grain) {
    case explain::Grain::weight:
      return tr(text::ranking_top_weights, {{"n", found.rows.size()}, {"all", found.among}, {"class", label}});
    case explain::Grain::kernel:
      return tr(text::ranking_top_kernels, {{"n", found.among}, {"class", label}});
    case explain::Grain::channel:
      return tr(text::ranking_top_channels, {{"n", found.among}, {"class", label}});
  }
  return {};
}

void draw_ranking(const View& view, CommandQueue& commands, float width) {
  const studies::Ranking& found = view.lab.engine().study().get<studies::Ranking>();
  if (found.rows.empty()) return;
  double scale = 1e-12;
  std::vector<float> predicted;
  std::vector<float> measured;
  for (const explain::Ranked& row : found.rows) {
    scale = std::max({scale, std::fabs(row.predicted), std::isfinite(row.exact) ? std::fabs(row.exact) : 0.0});
    if (!std::isfinite(row.exact)) continue;
    predicted.push_back(static_cast<float>(row.predicted));
    measured.push_back(static_cast<float>(row.exact));
  }
  std::string words = top_words(view, found);
  if (found.pictures > 1) words += " " + tr(text::ranking_top_mean, {{"n", found.pictures}});
  if (found.checked && measured.size() > 2)
    words += " " + tr(text::ranking_top_agree, {{"value", decimal(explain::spearman(predicted, measured), 2)}});
  text(words, Role::quiet, true);
  std::vector<std::string> names;
  for (const explain::Ranked& row : found.rows)
    names.push_back(row_name(view.document(), row, view.document().choice<studies::RankingChoice>().grain));
  const Columns columns = columns_of(width, widest(names));
  draw_ranking_head(columns, width);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  const TabGroup stop;
  for (std::size_t k = 0; k < names.size(); ++k) draw_row(view, commands, k, names[k], columns, width, scale);
  ImGui::PopStyleVar();
}

void draw_flip(const View& view, CommandQueue& commands, std::size_t k, const std::string& name, float names,
               float width) {
  constexpr float kApply = 84.0F;
  const document::Document& document = view.document();
  const explain::Flip& flip = view.lab.engine().study().get<studies::Ranking>().flips[k];
  const nn::WeightRef ref = nn::ref_of(document.graph(), flip.weight);
  const float control = theme().metrics.control;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const Area at = area("flip/" + std::to_string(k), {width - kApply - Metrics::kGap, control});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool chosen = document.selection.weight == ref;
  if (chosen || at.hovered)
    list.AddRectFilled({at.from.x - 6.0F, at.from.y}, at.to, chosen ? colours().accent_soft : colours().control_hover,
                       6.0F);
  names = std::clamp(names + 12.0F, 120.0F, std::max(120.0F, at.width() * 0.5F));
  const float room = at.width() - names;
  draw_text_in(list, fonts().body, at.from, {at.from.x + names, at.to.y}, 0.0F, colours().ink,
               shortened(name, names - 8.0F, fonts().body));
  const std::string change = short_number(flip.from) + " → " + short_number(flip.to);
  draw_text_in(list, fonts().body, {at.from.x + names, at.from.y}, {at.from.x + names + room * 0.5F, at.to.y}, 0.0F,
               colours().ink, change);
  draw_text_in(list, fonts().strong, {at.from.x + names + room * 0.5F, at.from.y}, at.to, 0.0F, colours().accent,
               shortened(class_label(document, flip.answer), room * 0.5F - 8.0F, fonts().strong));
  draw_focus(list, at, 6.0F);
  tooltip(tr(text::ranking_flip_size, {{"size", decimal(flip.size, 1)}}));
  if (at.pressed) commands.push(document::command::SelectWeight{ref});
  ImGui::SetCursorScreenPos({corner.x + width - kApply, corner.y});
  const bool done = document.weight(ref) == flip.to;
  if (button("flip/apply/" + std::to_string(k), tr(done ? text::ranking_applied : text::ranking_apply),
             {.tooltip = say(text::ranking_apply_help), .enabled = !done, .width = kApply}))
    commands.push(document::command::SetWeight{ref, flip.to, false});
  ImGui::SetCursorScreenPos(corner);
  ImGui::Dummy({width, control});
}

void draw_flips(const View& view, CommandQueue& commands, float width) {
  const studies::Ranking& found = view.lab.engine().study().get<studies::Ranking>();
  text(say(text::ranking_flips_help), Role::quiet, true);
  const TabGroup stop;
  std::vector<std::string> names;
  for (const explain::Flip& flip : found.flips) {
    const nn::Graph& graph = view.document().graph();
    names.push_back(nn::format_weight_ref(graph, nn::ref_of(graph, flip.weight)));
  }
  const float room = widest(names);
  for (std::size_t k = 0; k < names.size(); ++k) draw_flip(view, commands, k, names[k], room, width);
  if (found.flips_done && found.flips.empty()) text(say(text::ranking_flips_none), Role::body, true);
}

}  // namespace

void ranking_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("ranking", say(text::ranking_card));
  if (!view.answered()) return empty_state(say(text::page_waiting), 200.0F);
  draw_ranking_choices(view, commands, card.width());
  draw_study_bar(view, commands);
  if (view.document().choice<studies::RankingChoice>().flips) {
    draw_flips(view, commands, card.width());
  } else {
    draw_ranking(view, commands, card.width());
  }
}

}  // namespace weightroom::ui
