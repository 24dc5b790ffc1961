#include "ui/columns/weight_title.h"

#include <array>
#include <optional>
#include <vector>

#include <strings/network.h>

#include "ui/columns/sum_pictures.h"
#include "ui/context.h"
#include "ui/network/words.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

enum class Means { nothing, output, input, cell };

struct TitlePart {
  std::string words;
  Means means = Means::nothing;
};

// "top left", "middle": of a kernel of three rows and columns; others are counted.
std::string kernel_cell(int row, int column, int rows, int columns) {
  if (rows == 1 && columns == 1) return {};
  if (rows != 3 || columns != 3) return tr(text::network_cell, {{"row", row}, {"column", column}});
  constexpr std::array kCells{
      text::network_cell_top_left,    text::network_cell_top,    text::network_cell_top_right,
      text::network_cell_left,        text::network_cell_middle, text::network_cell_right,
      text::network_cell_bottom_left, text::network_cell_bottom, text::network_cell_bottom_right};
  return tr(kCells[static_cast<std::size_t>(row * 3 + column)]);
}

// Of a kernel's weight: the channel it reads.
int input_channel(const document::Document& document, nn::WeightRef ref) {
  const nn::Graph& graph = document.graph();
  const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(ref.tensor)];
  const nn::Node& node = graph.nodes()[static_cast<std::size_t>(tensor.node)];
  const auto groups = static_cast<int>(node.attributes.integer("groups", 1).value_or(1));
  const int output = output_channel(document, ref);
  const auto area = static_cast<std::size_t>(tensor.shape.h()) * static_cast<std::size_t>(tensor.shape.w());
  const auto within = static_cast<int>(ref.element / area % static_cast<std::size_t>(tensor.shape[1]));
  return output / std::max(1, tensor.shape[0] / groups) * tensor.shape[1] + within;
}

int input_node(const document::Document& document, nn::WeightRef ref) {
  const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(ref.tensor)];
  return document.graph().nodes()[static_cast<std::size_t>(tensor.node)].inputs.front();
}

// "blue" where the layer reads the picture, else "map 2".
std::string input_words(const document::Document& document, nn::WeightRef ref) {
  const int channel = input_channel(document, ref);
  if (input_node(document, ref) != 0) return tr(text::network_map, {{"map", channel}});
  if (document.graph().spec().input[0] != 3) return tr(text::network_brightness);
  constexpr std::array kColours{text::network_red, text::network_green, text::network_blue};
  return tr(kColours[static_cast<std::size_t>(channel)]);
}

std::vector<TitlePart> title_parts(const document::Document& document, nn::WeightRef ref) {
  const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(ref.tensor)];
  if (tensor.shape.rank() != 4 || network::is_answer(document.graph(), tensor.node))
    return {{network::weight_words(document, ref), Means::output}};
  const std::string& layer = node_name(document, tensor.node);
  const auto area = static_cast<std::size_t>(tensor.shape.h()) * static_cast<std::size_t>(tensor.shape.w());
  const auto cell = static_cast<int>(ref.element % area);
  std::vector<TitlePart> parts{
      {tr(text::network_detector, {{"channel", output_channel(document, ref)}, {"layer", layer}}), Means::output},
      {tr(text::network_on, {{"input", input_words(document, ref)}}), Means::input}};
  const int columns = tensor.shape.w();
  const std::string where = kernel_cell(cell / columns, cell % columns, tensor.shape.h(), columns);
  if (!where.empty()) parts.push_back({where, Means::cell});
  return parts;
}

// Pointed at: the map, the channel it reads, or the weight's cell.
void light(const View& view, UiState& ui, nn::WeightRef ref, Means means, const Area& at) {
  const document::Document& document = view.document();
  if (means == Means::cell) {
    if (const auto cell = context().rects.find(weight_id(document.graph(), ref)))
      ImGui::GetForegroundDrawList()->AddRect(cell->from, cell->to, colours().accent, Metrics::kRound, ImDrawFlags_None,
                                              4.0F);
    return;
  }
  const auto place = looked_at(view, ui);
  if (!place || means == Means::nothing || !at.hovered) return;
  const int node = means == Means::output ? place->node : input_node(document, ref);
  const int channel = means == Means::output ? place->channel : input_channel(document, ref);
  const nn::Shape& shape = document.graph().nodes()[static_cast<std::size_t>(node)].output;
  ui.next_hover = {node, channel, std::min(place->y, shape.h() - 1), std::min(place->x, shape.w() - 1)};
}

}  // namespace

std::string weight_title(const document::Document& document, nn::WeightRef ref) {
  std::string words;
  for (const TitlePart& part : title_parts(document, ref)) words += (words.empty() ? "" : ", ") + part.words;
  return words;
}

void draw_weight_title(const View& view, UiState& ui, nn::WeightRef ref, float width) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().strong) + 4.0F;
  const float space = text_size(" ", fonts().strong).x;
  const std::vector<TitlePart> parts = title_parts(view.document(), ref);
  ImVec2 at = from;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string words = parts[i].words + (i + 1 < parts.size() ? "," : "");
    const float wide = text_size(words, fonts().strong).x;
    if (at.x > from.x && at.x + wide > from.x + width) at = {from.x, at.y + line};
    const ImVec2 to{at.x + wide, at.y + line};
    const bool hovered = ImGui::IsMouseHoveringRect(at, to) && ImGui::IsWindowHovered();
    if (hovered) list.AddRectFilled({at.x - 3, at.y}, {to.x + 3, to.y}, colours().accent_soft, 4.0F);
    draw_text_in(list, fonts().strong, at, to, 0.0F, colours().ink, words);
    note_rect("weight_title/" + std::to_string(i), at, to);
    if (hovered) light(view, ui, ref, parts[i].means, {.from = at, .to = to, .hovered = true});
    at.x = to.x + space;
  }
  ImGui::Dummy({width, at.y + line - from.y});
  // "Drag this weight." stands in this line's place.
  if (first_words(view, ui)) return ImGui::Dummy({0, ImGui::GetTextLineHeight()});
  if (ui.whole_bench) text(nn::format_weight_ref(view.document().graph(), ref), Role::quiet);
}

}  // namespace weightroom::ui
