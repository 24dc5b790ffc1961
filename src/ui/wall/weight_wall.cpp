// Every weight of the chosen layer, none too small to be found: a wall of kernels to be zoomed and panned.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/page.h>
#include <strings/wall.h>

#include "studies/ranking.h"
#include "ui/context.h"
#include "ui/network/words.h"
#include "ui/wall/canvas.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kLeast = 300.0F;  // height of the panel; in a lower window the column scrolls

const nn::Node& node_of(const document::Document& document, int node) {
  return document.graph().nodes()[static_cast<std::size_t>(node)];
}

// The layer whose weights made what this one shows, else the next one with weights; -1: the model has none.
int neighbour_with_weights(const document::Document& document, int node) {
  for (int i = node; i > 0; i = node_of(document, i).inputs.front()) {
    if (!node_of(document, i).weights.empty()) return i;
  }
  for (int i = node; i < static_cast<int>(document.graph().nodes().size()); ++i) {
    if (!node_of(document, i).weights.empty()) return i;
  }
  return -1;
}

std::size_t layer_weights(const document::Document& document) {
  std::size_t count = 0;
  for (const int tensor : node_of(document, document.selection.layer).weights) {
    const nn::GraphWeight& weight = document.graph().weights()[static_cast<std::size_t>(tensor)];
    count += weight.trainable ? weight.shape.size() : 0;
  }
  return count;
}

// "448 of 448 weights measured"
std::string measured_words(const View& view) {
  const auto done = std::ranges::count_if(view.lab.engine().study().get<studies::Ranking>().rows,
                                          [](const explain::Ranked& row) { return std::isfinite(row.exact); });
  return tr(text::wall_measured, {{"done", done}, {"n", layer_weights(view.document())}});
}

void draw_weightless(const View& view, CommandQueue& commands, float height) {
  const document::Document& document = view.document();
  const int node = document.selection.layer;
  const std::string& name = node_of(document, node).name;
  const int neighbour = neighbour_with_weights(document, node);
  const std::string none = node == 0 ? tr(text::wall_no_weights_picture) : tr(text::wall_no_weights, {{"layer", name}});
  const std::string words = none + " " + network::op_sentence(document.graph(), node);
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  empty_state(words, height);
  if (neighbour < 0) return;
  const std::string& other = node_of(document, neighbour).name;
  const std::string label = tr(text::wall_show_neighbour, {{"layer", other}});
  const float wide = text_size(label, fonts().body).x + 28.0F;
  ImGui::SetCursorScreenPos(
      {from.x + (width - wide) / 2, from.y + std::min(height / 2 + 36.0F, height - control - Metrics::kGap)});
  if (button("wall/neighbour", label, {.width = wide})) choose_layer(view, neighbour, commands);
}

void set_overlay(int chosen, CommandQueue& commands) {
  commands.push(
      document::command::SetView{.overlay = std::string(wall::overlay_name(static_cast<document::Overlay>(chosen))),
                                 .map = {},
                                 .opacity = {},
                                 .seen = {},
                                 .compare = {}});
}

// Side by side, or where that would take two rows from the wall, as a menu.
void choose_overlay(const View& view, CommandQueue& commands, float width) {
  constexpr std::array<Text, document::kOverlays> kTitles{text::wall_value,  text::wall_gradient, text::wall_product,
                                                          text::wall_change, text::wall_loss,     text::wall_without};
  int chosen = static_cast<int>(view.document().view.overlay);
  if (width < 520.0F) {
    const auto options = [&] {
      std::vector<Option> all;
      for (int i = 0; i < document::kOverlays; ++i)
        all.push_back({tr(kTitles[static_cast<std::size_t>(i)]),
                       wall::overlay_sentence(view, static_cast<document::Overlay>(i))});
      return all;
    };
    if (select("overlay", tr(kTitles[static_cast<std::size_t>(chosen)]), options, chosen))
      set_overlay(chosen, commands);
    return;
  }
  if (segmented("overlay", kTitles, chosen)) set_overlay(chosen, commands);
  for (int i = 0; i < document::kOverlays; ++i) {
    const auto place = context().rects.find("overlay/" + std::to_string(i));
    if (place && ImGui::IsMouseHoveringRect(place->from, place->to))
      tooltip(wall::overlay_sentence(view, static_cast<document::Overlay>(i)));
  }
}

void draw_legend(const View& view, const wall::Scales& scales, float width) {
  const document::Document& document = view.document();
  const std::string& name = node_of(document, document.selection.layer).name;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const bool unchanged =
      document.view.overlay == document::Overlay::change && scales.tiles == 0.0F && scales.vectors == 0.0F;
  const bool missing = !wall::available(view, document.view.overlay);
  const float scale = scales.tiles > 0.0F ? scales.tiles : scales.vectors;
  // A batch_norm's columns are its four kinds of weights: the wall names them.
  const nn::Node& layer = node_of(document, document.selection.layer);
  const auto rank_of = [&](int tensor) {
    return document.graph().weights()[static_cast<std::size_t>(tensor)].shape.rank();
  };
  const bool tiles = std::ranges::any_of(layer.weights, [&](int tensor) { return rank_of(tensor) > 1; });
  const bool vectors = std::ranges::any_of(layer.weights, [&](int tensor) { return rank_of(tensor) == 1; });
  const std::string size = short_number(static_cast<double>(scales.vectors));  // of the biases
  const std::string all = tr(text::wall_scale, {{"layer", name}});
  const bool both = tiles && vectors;
  const std::string biases = both ? tr(text::wall_scale_biases, {{"layer", name}, {"biases", size}}) : all;
  const std::string axes = both ? tr(text::wall_axes_biases, {{"biases", size}}) : tiles ? tr(text::wall_axes) : all;
  const std::string none = tr(text::wall_none_changed, {{"layer", name}});
  const bool studied = wall::of_study(document.view.overlay);
  const std::string wait = tr(studied ? text::wall_working : text::page_waiting);
  // The longest that fits; a message stands alone.
  const bool ablation = !missing && document.view.overlay == document::Overlay::ablation;
  const bool unmarked = scales.unmarked && document.view.overlay != document::Overlay::change;
  const bool message = missing || unchanged || ablation || unmarked;
  const std::string many = tr(text::wall_many_changed);
  const std::string shorter = unmarked && !missing && !ablation ? tr(text::wall_edits_elsewhere) : "";
  const std::string& first = missing     ? wait
                             : unchanged ? none
                             : ablation  ? measured_words(view)
                             : unmarked  ? many
                                         : axes;
  scale_line(*ImGui::GetWindowDrawList(), from, std::clamp(width * 0.22F, 64.0F, 140.0F), scale, from.x + width,
             {first, message ? shorter : biases, message ? shorter : all});
  ImGui::Dummy({width, kScaleLine});
  note_item("wall/legend");
  tooltip(tr(text::wall_legend_help, {{"layer", name}}));
}

wall::Ask draw_buttons(Card& card) {
  wall::Ask ask = wall::Ask::nothing;
  card.begin_trailing();
  if (icon_button("wall/farther", Icon::minus, say(text::wall_farther), {.look = Look::bare})) ask = wall::Ask::farther;
  ImGui::SameLine(0, 0);
  if (icon_button("wall/closer", Icon::plus, say(text::wall_closer), {.look = Look::bare})) ask = wall::Ask::closer;
  ImGui::SameLine(0, 4.0F);
  if (button("wall/fit", say(text::wall_fit), {.tooltip = say(text::wall_fit_help), .width = 56.0F}))
    ask = wall::Ask::fit;
  card.end_trailing();
  return ask;
}

}  // namespace

void weight_wall_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const float room = std::max(ImGui::GetContentRegionAvail().y, kLeast + (context().touch ? 40.0F : 0.0F));
  const float bottom = ImGui::GetCursorScreenPos().y + room - Metrics::kBetween - Metrics::kPad;
  const auto rest = [&] { return bottom - ImGui::GetCursorScreenPos().y; };
  if (!view.lab.has_document()) {
    const Card card("wall_card", say(text::wall_card));
    return empty_state(say(text::wall_no_model), rest());
  }
  const document::Document& document = view.document();
  const nn::Node& layer = node_of(document, document.selection.layer);
  if (layer.weights.empty()) {
    const Card card("wall_card", say(text::wall_card));
    return draw_weightless(view, commands, rest());
  }
  Card card("wall_card", tr(text::wall_card_layer, {{"layer", layer.name}}), 2 * theme().metrics.control + 60.0F);
  const wall::Ask ask = draw_buttons(card);
  choose_overlay(view, commands, card.width());
  const float height = rest() - kScaleLine - Metrics::kGap;
  const wall::Scales scales = wall::draw_canvas(view, ui, commands, {card.width(), std::max(height, 80.0F)}, ask);
  draw_legend(view, scales, card.width());
}

}  // namespace weightroom::ui
