#include "ui/wall/labels.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/context.h"
#include "ui/network/words.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui::wall {
namespace {

constexpr float kWidestName = 112.0F;

std::string row_name(const document::Document& document, int node, int row) {
  return network::is_answer(document.graph(), node) ? class_label(document, row) : std::to_string(row);
}

ImFont* row_font(const document::Document& document, int node) {
  return network::is_answer(document.graph(), node) ? fonts().body : fonts().small;
}

// Names so many apart that none touches the next.
int every(float pitch, float need) { return std::max(1, static_cast<int>(std::ceil(need / std::max(pitch, 0.01F)))); }

void draw_name(ImDrawList& list, ImFont* font, ImVec2 centre_right, ImU32 ink, std::string_view words,
               bool over_tiles) {
  const ImVec2 size = text_size(words, font);
  const ImVec2 from{centre_right.x - size.x, centre_right.y - size.y / 2};
  if (over_tiles)
    list.AddRectFilled({from.x - 4, from.y - 1}, {from.x + size.x + 4, from.y + size.y + 1},
                       with_alpha(colours().card, 0.92F), 4.0F);
  draw_text(list, font, from, ink, words);
}

void draw_row_names(const document::Document& document, const Layout& l, const Window& w, ImVec2 from, ImVec2 to) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImFont* font = row_font(document, l.node);
  const float pitch = l.row_pitch() * w.zoom;
  const int step = every(pitch, font_height(font) + 1.0F);
  int lit = -1;
  if (const auto& weight = document.selection.weight; weight) {
    const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(weight->tensor)];
    if (tensor.node == l.node)
      lit = static_cast<int>(weight->element / (tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0])));
  }
  for (int block = 0; block < l.blocks; ++block) {
    const float left = w.x(l, block, 0.0F);
    const float right = w.x(l, block, l.block_width());
    if (right < from.x || left - l.gutter > to.x) continue;
    for (int i = 0; i < l.rows_in(block); ++i) {
      const int row = block * l.rows_each + i;
      const bool near_lit = lit >= 0 && lit / l.rows_each == block && row != lit && std::abs(row - lit) < step;
      if (row != lit && (i % step != 0 || near_lit)) continue;
      const float y = w.y(static_cast<float>(i) * l.row_pitch() + static_cast<float>(l.height) / 2);
      if (y < from.y + kHeader || y > to.y) continue;
      const std::string name = row_name(document, l.node, row);
      const float least = from.x + kMargin + text_size(name, font).x;
      const float x = std::max(left - 6.0F, least);
      if (x > right) continue;
      draw_name(list, font, {x, y}, row == lit ? colours().accent : colours().quiet, name, x > left - 6.0F);
    }
  }
}

std::string column_name(const document::Document& document, const Layout& l, int column) {
  const nn::Graph& graph = document.graph();
  const std::vector<int>& inputs = graph.nodes()[static_cast<std::size_t>(l.node)].inputs;
  const bool colours_in = !inputs.empty() && inputs.front() == 0 && graph.spec().input[0] == 3;
  if (colours_in && l.columns == 3 && !l.matrix) return std::string(1, "RGB"[column]);
  return std::to_string(column);
}

std::string role_of(const nn::Graph& graph, int tensor) {
  const std::string& name = graph.weights()[static_cast<std::size_t>(tensor)].name;
  return name.substr(name.rfind('.') + 1);
}

void draw_column_names(const document::Document& document, const Layout& l, const Window& w, ImVec2 from, ImVec2 to) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImFont* font = fonts().small;
  const int count = l.main < 0 ? 0 : l.matrix ? l.width : l.columns;
  const float tile = l.matrix ? 1.0F : static_cast<float>(l.width);
  const float pitch = l.matrix ? 1.0F : tile + l.gap;
  const int step = every(pitch * w.zoom, text_size(std::to_string(std::max(count - 1, 0)), font).x + 8.0F);
  list.AddRectFilled({from.x + 1, from.y + 1}, {to.x - 1, from.y + kHeader}, with_alpha(colours().card, 0.94F),
                     Metrics::kRound);
  for (int block = 0; block < l.blocks; ++block) {
    float limit = w.x(l, block, l.block_width() + kBlockGap) + l.gutter;
    for (int k = static_cast<int>(l.vectors.size()) - 1; k >= 0; --k) {
      if (w.x(l, block, l.vector_at(k)) > to.x) continue;
      std::string name = role_of(document.graph(), l.vectors[static_cast<std::size_t>(k)]);
      // Its first letter rather than a column's name lost.
      const float last = w.x(l, block, static_cast<float>(count - 1) * pitch + tile / 2);
      if (count > 0 && step == 1 && w.x(l, block, l.vector_at(k) + 0.5F) - text_size(name, font).x / 2 < last + 12.0F)
        name.resize(1);
      const float half = text_size(name, font).x / 2;
      const float x = std::min(w.x(l, block, l.vector_at(k) + 0.5F), to.x - half - 6.0F);
      if (x + half > limit) continue;
      draw_text_in(list, font, {x - half, from.y}, {x + half, from.y + kHeader}, 0.5F, colours().quiet, name);
      limit = x - half - 6.0F;
    }
    for (int i = 0; i < count; i += step) {
      const std::string name = column_name(document, l, i);
      const float half = text_size(name, font).x / 2;
      const float x = w.x(l, block, static_cast<float>(i) * pitch + tile / 2);
      if (x < from.x + kMargin || x > to.x) continue;
      if (x + half > limit) continue;
      draw_text_in(list, font, {x - half, from.y}, {x + half, from.y + kHeader}, 0.5F, colours().quiet, name);
    }
  }
}

}  // namespace

float gutter_of(const document::Document& document, int node) {
  const nn::Node& layer = document.graph().nodes()[static_cast<std::size_t>(node)];
  ImFont* const font = row_font(document, node);
  const int rows = layer.output.c();
  float widest = 0.0F;
  constexpr int kMostMeasured = 1000;  // in every frame; among more there is a long one
  if (network::is_answer(document.graph(), node)) {
    if (rows > kMostMeasured) widest = kWidestName;
    for (int row = 0; row < rows && widest < kWidestName; ++row)
      widest = std::max(widest, text_size(row_name(document, node, row), font).x);
  } else {  // numbers: no measuring of thousands of them in every frame
    widest = text_size(std::string(std::to_string(rows - 1).size(), '0'), font).x;
  }
  return std::min(widest, kWidestName) + 10.0F;
}

void draw_labels(const document::Document& document, const Layout& layout, const Window& window, ImVec2 from,
                 ImVec2 to) {
  draw_row_names(document, layout, window, from, to);
  draw_column_names(document, layout, window, from, to);
}

}  // namespace weightroom::ui::wall
