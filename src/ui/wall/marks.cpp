#include "ui/wall/marks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/whole.h"
#include "edit/region.h"
#include "ui/wall/labels.h"
#include "ui/wall/values.h"
#include "ui/widgets/common.h"

namespace weightroom::ui::wall {
namespace {

constexpr std::size_t kMostEdited = 600;  // corners in a tensor
constexpr float kPointable = 6.0F;        // points along a weight from which on scripts may point at each

struct Marks {
  const document::Document& document;
  const Layout& layout;
  const Window& window;
  ImVec2 from;
  ImVec2 to;
  [[nodiscard]] const nn::Graph& graph() const { return document.graph(); }
  [[nodiscard]] Box box(nn::WeightRef ref) const { return cell_box(graph(), layout, window, ref); }
  [[nodiscard]] bool seen(const Box& b) const {
    return b.to.x > from.x && b.from.x < to.x && b.to.y > from.y && b.from.y < to.y;
  }
  [[nodiscard]] bool of_layer(nn::WeightRef ref) const {
    return graph().weights()[static_cast<std::size_t>(ref.tensor)].node == layout.node;
  }
};

struct Range {
  int first = 0;
  int past = 0;
};

// Which of `count` things, `pitch` points apart from `start` on, touch low..high.
Range visible(float start, float pitch, int count, float low, float high) {
  const auto index = [&](float at) { return base::whole_within(std::floor((at - start) / pitch), -1, count); };
  return {std::max(index(low), 0), std::min(index(high) + 1, count)};
}

// Ids as weight_id() writes them, without its detour: there may be thousands a frame.
void note_row(const Marks& m, std::string& id, int block, int row, Range tiles) {
  const Layout& l = m.layout;
  const std::size_t stem = id.size();
  const float top = m.window.y(static_cast<float>(row - block * l.rows_each) * l.row_pitch());
  const float pitch = static_cast<float>(l.width) + l.gap;
  id += '/' + std::to_string(row);
  const std::size_t with_row = id.size();
  for (int tile = tiles.first; tile < tiles.past; ++tile) {
    for (int u = 0; u < l.height; ++u) {
      for (int v = 0; v < l.width; ++v) {
        if (!l.matrix) id += '/' + std::to_string(tile) + '/' + std::to_string(u);
        id += '/' + std::to_string(v);
        const ImVec2 at{m.window.x(l, block, static_cast<float>(tile) * pitch + static_cast<float>(v)),
                        top + static_cast<float>(u) * m.window.zoom};
        const Box box{at, {at.x + m.window.zoom, at.y + m.window.zoom}};
        if (m.seen(box)) note_rect(id, box.from, box.to);
        id.resize(with_row);
      }
    }
  }
  id.resize(stem);
}

void note_cells(const Marks& m) {
  if (m.window.zoom < kPointable) return;
  const Layout& l = m.layout;
  std::string id = "weight/" + m.graph().nodes()[static_cast<std::size_t>(l.node)].name;
  for (int block = 0; block < l.blocks; ++block) {
    const Range rows = visible(m.window.from.y, l.row_pitch() * m.window.zoom, l.rows_in(block), m.from.y, m.to.y);
    const float pitch = (static_cast<float>(l.width) + l.gap) * m.window.zoom;
    const Range tiles = visible(m.window.x(l, block, 0.0F), pitch, l.columns, m.from.x, m.to.x);
    for (int i = rows.first; i < rows.past; ++i) {
      const int row = block * l.rows_each + i;
      if (l.main >= 0) note_row(m, id, block, row, tiles);
      for (int tensor : l.vectors) {
        const nn::WeightRef ref{tensor, static_cast<std::size_t>(row)};
        const Box box = m.box(ref);
        if (m.seen(box)) note_rect(weight_id(m.graph(), ref), box.from, box.to);
      }
    }
  }
}

// Where so many have changed that a list of them would be long: those on the screen are looked at, each in its cell.
bool draw_many_edited(const Marks& m, int tensor) {
  if (tensor != m.layout.main || m.window.zoom < kPointable) return false;  // the overlay Change shows them from afar
  const Layout& l = m.layout;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float size = std::clamp(m.window.zoom * 0.3F, 2.5F, 8.0F);
  // What stands side by side: tiles, or the weights of a matrix's one tile.
  const int across = l.matrix ? l.width : l.columns;
  const float pitch = (l.matrix ? 1.0F : static_cast<float>(l.width) + l.gap) * m.window.zoom;
  const std::size_t each = l.matrix ? 1 : static_cast<std::size_t>(l.height) * static_cast<std::size_t>(l.width);
  for (int block = 0; block < l.blocks; ++block) {
    const Range rows = visible(m.window.from.y, l.row_pitch() * m.window.zoom, l.rows_in(block), m.from.y, m.to.y);
    const Range tiles = visible(m.window.x(l, block, 0.0F), pitch, across, m.from.x, m.to.x);
    for (int i = rows.first; i < rows.past; ++i) {
      const auto row = static_cast<std::size_t>(block * l.rows_each + i);
      const std::size_t first = (row * static_cast<std::size_t>(across) + static_cast<std::size_t>(tiles.first)) * each;
      const std::size_t past = first + static_cast<std::size_t>(tiles.past - tiles.first) * each;
      for (std::size_t element = first; element < past; ++element) {
        const nn::WeightRef ref{tensor, element};
        if (m.document.weight(ref) == m.document.loaded_weight(ref)) continue;
        const ImVec2 at{m.box(ref).to.x, m.box(ref).from.y};
        list.AddTriangleFilled({at.x - size, at.y}, at, {at.x, at.y + size}, colours().ink);
      }
    }
  }
  return true;
}

// A corner of its own colour, as in the inspector's cells. False where they are too many to be marked at this size.
bool draw_edited(const Marks& m) {
  bool all = true;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float size = std::clamp(m.window.zoom * 0.35F, 5.0F, 10.0F);
  for (int tensor : m.graph().nodes()[static_cast<std::size_t>(m.layout.node)].weights) {
    const auto edited = edited_weights(m.document, tensor, kMostEdited + 1);
    if (edited.size() > kMostEdited) {
      all = draw_many_edited(m, tensor) && all;
      continue;
    }
    for (nn::WeightRef ref : edited) {
      const Box box = m.box(ref);
      if (!m.seen(box)) continue;
      const ImVec2 at{box.to.x, box.from.y};
      list.AddTriangleFilled({at.x - size - 2.5F, at.y - 1}, {at.x + 1, at.y - 1}, {at.x + 1, at.y + size + 2.5F},
                             colours().card);
      list.AddTriangleFilled({at.x - size, at.y}, {at.x, at.y}, {at.x, at.y + size}, colours().ink);
    }
  }
  return all;
}

void draw_lit(const Marks& m) {
  const auto& lit = m.document.selection.weight;
  if (!lit || !m.of_layer(*lit)) return;
  const Box box = m.box(*lit);
  if (!m.seen(box)) return;
  note_rect(weight_id(m.graph(), *lit), box.from, box.to);
  const float grow = std::max(1.5F, (10.0F - m.window.zoom) / 2);
  const ImVec2 from{box.from.x - grow, box.from.y - grow};
  const ImVec2 to{box.to.x + grow, box.to.y + grow};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect({from.x - 1, from.y - 1}, {to.x + 1, to.y + 1}, colours().card, 3.0F, ImDrawFlags_None, 5.0F);
  list.AddRect(from, to, colours().accent, 3.0F, ImDrawFlags_None, 2.5F);
}

void draw_pointed(const Marks& m, const Cell& cell) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (cell.tile >= 0) {
    const Box tile = tile_box(m.layout, m.window, cell);
    list.AddRect({tile.from.x - 2, tile.from.y - 2}, {tile.to.x + 2, tile.to.y + 2}, with_alpha(colours().ink, 0.55F),
                 3.0F, ImDrawFlags_None, 1.5F);
  }
  const Box box = m.box(cell.ref);
  const float grow = std::max(1.0F, (7.0F - m.window.zoom) / 2);
  const ImVec2 from{box.from.x - grow, box.from.y - grow};
  const ImVec2 to{box.to.x + grow, box.to.y + grow};
  list.AddRect({from.x - 1, from.y - 1}, {to.x + 1, to.y + 1}, colours().card, 2.0F, ImDrawFlags_None, 3.0F);
  list.AddRect(from, to, colours().ink, 2.0F, ImDrawFlags_None, 1.5F);
}

// The outline of a part: of each block of rows that it goes through, from its first weight to its last.
void draw_part(const Marks& m, std::string_view part) {
  const auto region = edit::parse_region(m.graph(), part);
  if (!region) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Layout& l = m.layout;
  for (const edit::Box& box : region->boxes) {
    if (box.tensor != l.main) continue;
    const nn::Shape& shape = m.graph().weights()[static_cast<std::size_t>(box.tensor)].shape;
    const auto corner = [&](int row, bool end) {
      std::size_t element = 0;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        const auto k = static_cast<std::size_t>(axis);
        const int at = axis == 0 ? row : end ? box.to[k] - 1 : box.from[k];
        element = element * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(at);
      }
      return m.box({box.tensor, element});
    };
    for (int row = box.from[0]; row < box.to[0];) {
      const int last = std::min(box.to[0], (row / l.rows_each + 1) * l.rows_each) - 1;
      const ImVec2 from = corner(row, false).from;
      const ImVec2 to = corner(last, true).to;
      list.AddRect({from.x - 2, from.y - 2}, {to.x + 2, to.y + 2}, colours().accent, 3.0F, ImDrawFlags_None, 2.0F);
      row = last + 1;
    }
  }
}

}  // namespace

bool draw_marks(const View& view, const Layout& layout, const Window& window, const std::optional<Cell>& pointed,
                std::string_view part, ImVec2 from, ImVec2 to) {
  const Marks marks{view.document(), layout, window, from, to};
  note_cells(marks);
  const bool all = draw_edited(marks);
  if (!part.empty() && part != "all") draw_part(marks, part);
  draw_lit(marks);
  if (pointed) draw_pointed(marks, *pointed);
  return all;
}

}  // namespace weightroom::ui::wall
