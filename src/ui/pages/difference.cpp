// The page Difference: the loaded and the edited model on the same picture, where they diverge and how far.
#include "studies/difference.h"

#include <algorithm>
#include <cmath>

#include <strings/difference.h>
#include <strings/list.h>
#include <strings/page.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

std::string numbers(const std::vector<int>& channels) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(kMost, channels.size()); ++i) shown.push_back(std::to_string(channels[i]));
  const std::string list = base::list_of(shown, text::list_comma);
  if (channels.size() <= kMost) return list;
  return tr(text::difference_channels_more, {{"list", list}, {"n", channels.size() - kMost}});
}

std::string silent_words(const studies::Beside& found, const studies::Beside::Row& row) {
  const std::string channels = numbers(row.silent_now);
  if (found.pictures == 1) return tr(text::difference_silent_here, {{"channels", channels}});
  return tr(text::difference_silent_on, {{"n", found.pictures}, {"channels", channels}});
}

// A layer: its name, how far its output moved, how many of its channels are silent.
void draw_row(const View& view, const studies::Beside& found, const studies::Beside::Row& row, float width,
              CommandQueue& commands) {
  const document::Document& document = view.document();
  const float height = context().touch ? theme().metrics.control : 28.0F;
  const std::string& name = node_name(document, row.node);
  const Area at = area("difference/" + name, {width, height});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool chosen = document.selection.layer == row.node;
  if (at.hovered || chosen)
    list.AddRectFilled({at.from.x - 6, at.from.y}, {at.to.x + 6, at.to.y},
                       chosen ? colours().accent_soft : colours().control_hover, Metrics::kRound);
  draw_focus(list, at, Metrics::kRound);
  const float names = std::min(170.0F, width * 0.36F);
  const float value = 72.0F;
  const float silent = narrow_page() ? 70.0F : 104.0F;
  draw_text_in(list, row.node == found.first ? fonts().strong : fonts().body, at.from, {at.from.x + names, at.to.y},
               0.0F, colours().ink, shortened(name, names - 6.0F, fonts().body));
  const float room = width - names - value - silent;
  const float middle = (at.from.y + at.to.y) / 2;
  const ImVec2 bar{at.from.x + names, middle - 4.0F};
  list.AddRectFilled(bar, {bar.x + room, middle + 4.0F}, colours().track, 3.0F);
  const bool was_nothing = !std::isfinite(row.relative);  // what there was before, to be compared with
  const double relative = was_nothing ? 1.0 : row.relative;
  if (relative > 0.0)
    list.AddRectFilled(bar, {bar.x + std::max(2.0F, room * static_cast<float>(std::min(1.0, relative))), middle + 4.0F},
                       colours().accent, 3.0F);
  const float x = bar.x + room;
  draw_text_in(list, fonts().body, {x, at.from.y}, {x + value, at.to.y}, 1.0F, colours().ink,
               was_nothing      ? tr(text::difference_row_new)
               : relative > 0.0 ? percent(relative)
                                : say(text::difference_row_same));
  if (!row.silent_now.empty())
    draw_text_in(list, fonts().body, {x + value, at.from.y}, at.to, 1.0F, colours().quiet,
                 tr(text::difference_row_silent, {{"n", row.silent_now.size()}}));
  if (at.hovered) {
    std::string words = tr(text::difference_row_help, {{"largest", decimal(row.largest, 3)}});
    if (!row.silent_now.empty()) words += " " + silent_words(found, row);
    tooltip(words);
  }
  if (at.pressed) choose_layer(view, row.node, commands);
}

// Whether the network runs as it was loaded, whatever was done and taken back.
bool is_as_loaded(const document::Document& document) {
  return document.edit.off.empty() && document.edit.running.same(document.loaded);
}

void draw_layers(const View& view, const studies::Beside& found, CommandQueue& commands) {
  const Card card("difference", say(text::difference_card));
  const studies::StudyState state = view.lab.engine().study().state;
  if (found.rows.empty() || state == studies::StudyState::waiting || state == studies::StudyState::stopped)
    draw_study_bar(view, commands);
  if (found.rows.empty()) return;
  if (found.first < 0) {
    text(say(text::difference_nowhere), Role::body, true);
  } else {
    text(tr(text::difference_first, {{"layer", node_name(view.document(), found.first)}}), Role::body, true);
  }
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  const TabGroup stop;
  for (const studies::Beside::Row& row : found.rows) draw_row(view, found, row, card.width(), commands);
  ImGui::PopStyleVar();
}

void draw_histogram(std::string_view id, const studies::Histogram& histogram, Text title, bool edited) {
  if (histogram.now.empty()) return;
  const double step = (histogram.high - histogram.low) / studies::Histogram::kBins;
  double most = 0.0;
  const auto line_of = [&](const std::vector<double>& shares, std::string label, ImU32 colour, bool dashed) {
    PlotLine line{std::move(label), colour, {}, {}, dashed};
    for (std::size_t i = 0; i < shares.size(); ++i) {  // steps, as bars have them
      for (const double edge : {0.0, 1.0}) {
        line.x.push_back(histogram.low + step * (static_cast<double>(i) + edge));
        line.y.push_back(shares[i]);
      }
      most = std::max(most, shares[i]);
    }
    return line;
  };
  std::vector<PlotLine> lines;
  if (edited) lines.push_back(line_of(histogram.before, tr(text::difference_plot_loaded), colours().quiet, true));
  lines.push_back(line_of(histogram.now, tr(text::difference_plot_now), line_colour(0), false));
  if (edited) plot_legend(lines);
  plot(id, lines,
       {.left = histogram.low,
        .right = histogram.high,
        .bottom = 0.0,
        .top = most * 1.08 + 1e-6,
        .x_title = tr(title),
        .y_title = tr(text::difference_share),
        .y_percent = true},
       150.0F);
}

// Loaded, now and their difference, of the channels that moved most.
void draw_channels(const View& view, const studies::Beside& found, float width) {
  if (found.channels.empty() || found.channels.front().largest == 0.0) return;
  text(say(text::difference_channels), Role::strong, true);
  const bool flat = found.height == 1;
  const auto columns = width >= 480.0F ? 2 : 1;
  const float room = (width - static_cast<float>(columns - 1) * Metrics::kPad) / static_cast<float>(columns);
  const float side = (room - 2 * 6.0F) / 3.0F;
  const float height = flat ? 24.0F : side * static_cast<float>(found.height) / static_cast<float>(found.width);
  const float line = font_height(fonts().body);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t k = 0; k < found.channels.size(); ++k) {
    const studies::Beside::Channel& channel = found.channels[k];
    const auto column = static_cast<float>(k % static_cast<std::size_t>(columns));
    const auto row = static_cast<float>(k / static_cast<std::size_t>(columns));
    const ImVec2 at{from.x + column * (room + Metrics::kPad), from.y + row * (height + line + 12.0F)};
    draw_text(list, fonts().body, at, colours().quiet,
              shortened(tr(text::difference_channel,
                           {{"channel", channel.channel}, {"largest", decimal(channel.largest, 3)}}),
                        room, fonts().body));
    float most = 0.0F;
    for (const auto* values : {&channel.before, &channel.now})
      for (const float value : *values) most = std::max(most, std::abs(value));
    const std::vector<float>* maps[] = {&channel.before, &channel.now, &channel.change};
    constexpr const char* kIds[] = {"loaded", "now", "change"};
    constexpr Text kTitles[] = {text::difference_tile_loaded, text::difference_tile_now, text::difference_tile_change};
    for (std::size_t m = 0; m < 3; ++m) {
      const ImVec2 tile{at.x + static_cast<float>(m) * (side + 6.0F), at.y + line + 2.0F};
      const ImVec2 to{tile.x + side, tile.y + height};
      const std::string key = "difference/" + std::to_string(k) + "/" + kIds[m];
      const gfx::Sprite sprite = view.textures.heatmap(key, found.version, *maps[m], found.width, found.height,
                                                       {theme().ground(), false, std::span(&most, 1)});
      list.AddImageRounded(sprite.id, tile, to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, 4.0F);
      note_rect(key, tile, to);
      if (ImGui::IsMouseHoveringRect(tile, to)) tooltip(tr(kTitles[m]));
    }
  }
  const auto rows = static_cast<float>((found.channels.size() + static_cast<std::size_t>(columns) - 1) /
                                       static_cast<std::size_t>(columns));
  ImGui::Dummy({width, rows * (height + line + 12.0F)});
}

void draw_silent(const studies::Beside& found, const studies::Beside::Row& row) {
  if (row.silent_now.empty() && row.silent_before.empty()) return;
  std::string words = row.silent_now.empty() ? tr(text::difference_silent_none) : silent_words(found, row);
  if (row.silent_now != row.silent_before)
    words += " " + (row.silent_before.empty()
                        ? tr(text::difference_silent_before_none)
                        : tr(text::difference_silent_before, {{"channels", numbers(row.silent_before)}}));
  text(words + " " + tr(text::difference_silent_meaning), Role::body, true);
}

void draw_detail(const View& view, const studies::Beside& found) {
  const auto row = std::ranges::find(found.rows, view.document().selection.layer, &studies::Beside::Row::node);
  if (row == found.rows.end()) return;
  const std::string title = tr(text::difference_layer, {{"layer", node_name(view.document(), row->node)}});
  const Card card("difference_layer", title);
  const bool edited = view.document().edited();
  draw_silent(found, *row);
  if (found.node == row->node) draw_channels(view, found, card.width());  // else those of the layer chosen before
  draw_histogram("difference/activations", row->activations, text::difference_values, edited);
  draw_histogram("difference/weights", row->weights, text::difference_weights, edited);
  draw_histogram("difference/gradients", row->gradients, text::difference_gradients, edited);
}

}  // namespace

void difference_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document() || !view.document().picture) return;
  if (is_as_loaded(view.document())) {
    const Card card("difference", say(text::difference_card));
    text(tr(text::difference_unchanged, {{"page", text::page_edit_title}}), Role::body, true);
    return;
  }
  const studies::Beside& found = view.lab.engine().study().get<studies::Beside>();
  draw_layers(view, found, commands);
  if (!found.rows.empty()) draw_detail(view, found);
}

}  // namespace weightroom::ui
