#include "ui/wall/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <imgui_internal.h>

#include "studies/study.h"
#include "ui/pages/part.h"
#include "ui/touch_scroll.h"
#include "ui/wall/labels.h"
#include "ui/wall/marks.h"
#include "ui/wall/tiles.h"
#include "ui/widgets/button.h"

namespace weightroom::ui::wall {
namespace {

constexpr float kStep = 1.25F;  // a press of + or −

struct Canvas {
  const View& view;
  UiState::Wall& state;
  const Layout& layout;
  Area area;
  ImVec2 corner;  // of the room for the tiles
  ImVec2 from;    // of what is clipped
  ImVec2 to;
  [[nodiscard]] const nn::Graph& graph() const { return view.document().graph(); }
  [[nodiscard]] Window window() const { return window_at(layout, corner, state.zoom, state.x, state.y); }
};

void zoom(Canvas& canvas, ImVec2 anchor, float factor) {
  zoom_around(canvas.layout, canvas.window(), canvas.corner, anchor, factor, canvas.state.zoom, canvas.state.x,
              canvas.state.y);
}

void fit(Canvas& canvas) { canvas.state.zoom = canvas.state.x = canvas.state.y = 0.0F; }

void pan(Canvas& canvas, ImVec2 points) {
  const float size = canvas.window().zoom;
  if (canvas.state.zoom <= 0.0F) canvas.state.zoom = size;
  canvas.state.x -= points.x / size;
  canvas.state.y -= points.y / size;
}

ImVec2 middle(const Canvas& canvas) { return {(canvas.from.x + canvas.to.x) / 2, (canvas.from.y + canvas.to.y) / 2}; }

void use_keys(Canvas& canvas, Ask ask) {
  const ImGuiID id = ImGui::GetItemID();
  const bool focused = ImGui::IsItemFocused() && canvas.area.focused;
  const auto key = [&](ImGuiKey k) {
    if (!focused) return false;
    ImGui::SetKeyOwner(k, id);
    return ImGui::IsKeyPressed(k, id, ImGuiInputFlags_Repeat);
  };
  if (ask == Ask::closer || key(ImGuiKey_Equal) || key(ImGuiKey_KeypadAdd)) zoom(canvas, middle(canvas), kStep);
  if (ask == Ask::farther || key(ImGuiKey_Minus) || key(ImGuiKey_KeypadSubtract))
    zoom(canvas, middle(canvas), 1.0F / kStep);
  constexpr float kWay = 48.0F;
  if (key(ImGuiKey_LeftArrow)) pan(canvas, {kWay, 0});
  if (key(ImGuiKey_RightArrow)) pan(canvas, {-kWay, 0});
  if (key(ImGuiKey_UpArrow)) pan(canvas, {0, kWay});
  if (key(ImGuiKey_DownArrow)) pan(canvas, {0, -kWay});
  if (ask == Ask::fit || key(ImGuiKey_0)) fit(canvas);
}

// A drag from one kernel (of a matrix: weight) to another chooses all between them.
void draw_with_pointer(Canvas& canvas, UiState::Change& change) {
  const Layout& l = canvas.layout;
  const Window window = canvas.window();
  const auto first = cell_at(l, window, ImGui::GetIO().MouseClickedPos[0]);
  const auto last = cell_at(l, window, ImGui::GetMousePos());
  ImGui::SetMouseCursor(ImGuiMouseCursor_Arrow);
  change.trying = UiState::Change::Missed::outside;
  if (!first || !last || first->ref.tensor != l.main || last->ref.tensor != l.main) return;
  change.trying = UiState::Change::Missed::nothing;
  const auto column = [&](const Cell& cell) {
    return l.matrix ? static_cast<int>(cell.ref.element % static_cast<std::size_t>(l.width)) : cell.tile;
  };
  const auto span = [](int a, int b) {
    return std::to_string(std::min(a, b)) + ":" + std::to_string(std::max(a, b) + 1);
  };
  change.drawn = canvas.graph().weights()[static_cast<std::size_t>(l.main)].name + "[" + span(first->row, last->row) +
                 "," + span(column(*first), column(*last)) + "]";
  change.part = kPartDrawn;
}

void use_pointer(Canvas& canvas, UiState::Change* change) {
  const ImGuiIO& io = ImGui::GetIO();
  const Context& c = context();
  keeps_finger();
  const auto inside = [&](ImVec2 p) {
    return p.x >= canvas.from.x && p.x < canvas.to.x && p.y >= canvas.from.y && p.y < canvas.to.y;
  };
  if (canvas.area.hovered) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Arrow);
    ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
    if (io.MouseWheel != 0.0F) zoom(canvas, io.MousePos, std::pow(1.18F, io.MouseWheel));
    if (ImGui::IsMouseDoubleClicked(0)) fit(canvas);
  }
  if (change != nullptr && change->trying && !io.MouseDown[0]) change->missed = *std::exchange(change->trying, {});
  const bool pinching =
      (c.pinch_scale != 1.0F || c.pinch_move.x != 0.0F || c.pinch_move.y != 0.0F) && inside(c.pinch_centre);
  if (pinching) {
    zoom(canvas, c.pinch_centre, c.pinch_scale);
    pan(canvas, c.pinch_move);
  } else if (canvas.area.held && ImGui::IsMouseDragging(0, 4.0F) && change != nullptr &&
             (change->drawing || io.KeyShift)) {
    draw_with_pointer(canvas, *change);
  } else if (canvas.area.held && ImGui::IsMouseDragging(0, 4.0F)) {
    if (change != nullptr) change->trying = UiState::Change::Missed::moved;
    pan(canvas, io.MouseDelta);
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
  }
}

// A weight selected from elsewhere comes into view.
void reveal_lit(Canvas& canvas) {
  const auto& lit = canvas.view.document().selection.weight;
  if (!lit) return;
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID seen = ImGui::GetID("seen");
  const int mark = static_cast<int>(nn::flat_index(canvas.graph(), *lit));
  if (storage.GetInt(seen, -1) == mark) return;
  storage.SetInt(seen, mark);
  if (canvas.graph().weights()[static_cast<std::size_t>(lit->tensor)].node != canvas.layout.node) return;
  const Window window = canvas.window();
  const Box box = cell_box(canvas.graph(), canvas.layout, window, *lit);
  const bool in_view = box.from.x >= canvas.corner.x && box.to.x <= canvas.to.x && box.from.y >= canvas.corner.y &&
                       box.to.y <= canvas.to.y;
  if (in_view || canvas.state.zoom <= 0.0F) return;
  const ImVec2 to = middle(canvas);
  pan(canvas, {to.x - (box.from.x + box.to.x) / 2, to.y - (box.from.y + box.to.y) / 2});
}

ImVec4 card_colour() { return ImGui::ColorConvertU32ToFloat4(colours().card); }

// The tiles of each block, then its biases.
class Painter {
 public:
  Painter(Canvas& canvas, const Window& window, document::Overlay overlay)
      : canvas_(canvas),
        window_(window),
        overlay_(overlay),
        key_("wall/" + std::to_string(canvas.layout.node) + "/" + std::string(overlay_name(overlay)) + "/") {
    wall_.value_size = {window.zoom, window.zoom};
    wall_.hairline = window.zoom >= 10.0F ? 1.0F : 0.0F;
    wall_.paper = card_colour();
  }

  Scales draw() {
    const Layout& l = canvas_.layout;
    Scales scales;
    if (l.main >= 0)
      scales.tiles =
          large(l.main) ? draw_large() : draw_tensor(l.main, 0.0F, 0.0F, l.columns, l.height, l.width, l.gap);
    for (int k = 0; k < static_cast<int>(l.vectors.size()); ++k) {
      const float down = static_cast<float>(l.height - 1) / 2;
      scales.vectors = std::max(scales.vectors, draw_tensor(l.vectors[static_cast<std::size_t>(k)], l.vector_at(k),
                                                            down, 1, 1, 1, l.row_pitch() - 1.0F));
    }
    gfx::Textures::end_walls(*ImGui::GetWindowDrawList());
    return scales;
  }

 private:
  [[nodiscard]] bool large(int tensor) const {
    return canvas_.graph().weights()[static_cast<std::size_t>(tensor)].shape.size() > kLarge;
  }

  float draw_large() {
    auto& tiles = canvas_.state.tiles;
    if (!tiles) tiles = std::make_shared<Tiles>();
    const Layout& l = canvas_.layout;
    std::vector<Tiles::Place> blocks;
    for (int block = 0; block < l.blocks; ++block) {
      const ImVec2 from{std::max(canvas_.from.x, window_.x(l, block, 0.0F) - 1), canvas_.from.y};
      const ImVec2 to{std::min(canvas_.to.x, window_.x(l, block, l.tiles_width()) + 1), canvas_.to.y};
      blocks.push_back({l, window_, block, from, to});
    }
    return tiles->draw(canvas_.view, overlay_, blocks, wall_);
  }

  // A block's textures are named by its rows too: where the window is another size, it has others.
  [[nodiscard]] std::string key(int tensor, int block) const {
    return key_ + std::to_string(tensor) + "/" + std::to_string(block) + "/" +
           std::to_string(canvas_.layout.rows_in(block));
  }

  // A block's part of a tensor, where it is in sight.
  struct Part {
    int block = 0;
    std::string key;
    ImVec2 origin;
    ImVec2 from;  // of what is clipped
    ImVec2 to;
  };

  [[nodiscard]] std::vector<Part> parts_in_sight(int tensor, float at, float down, float across) const {
    std::vector<Part> parts;
    for (int block = 0; block < canvas_.layout.blocks; ++block) {
      const ImVec2 origin{window_.x(canvas_.layout, block, at), window_.y(down)};
      const ImVec2 from{std::max(canvas_.from.x, origin.x - 1), canvas_.from.y};
      const ImVec2 to{std::min(canvas_.to.x, origin.x + across * window_.zoom + 1), canvas_.to.y};
      if (to.x > from.x) parts.push_back({block, key(tensor, block), origin, from, to});
    }
    return parts;
  }

  // The tensor's scale, and its values where a texture lacks them.
  Shades needed(int tensor, const std::vector<Part>& parts, std::uint64_t now) {
    auto& known = canvas_.state.scales[key_ + std::to_string(tensor)];
    const auto held = [&](const Part& part) { return canvas_.view.textures.held(part.key) == now; };
    if (known.revision == now && std::ranges::all_of(parts, held)) return {.values = {}, .scale = known.scale};
    Shades shown = shades(canvas_.view, overlay_, tensor);
    known = {.revision = now, .scale = shown.scale};
    return shown;
  }

  float draw_tensor(int tensor, float at, float down, int columns, int height, int width, float gap) {
    const Layout& l = canvas_.layout;
    const std::uint64_t now = revision(canvas_.view);
    const float across = static_cast<float>(columns) * (static_cast<float>(width) + gap) - gap;
    const std::vector<Part> parts = parts_in_sight(tensor, at, down, across);
    const Shades shown = needed(tensor, parts, now);
    const std::size_t per_row = shown.values.size() / static_cast<std::size_t>(l.rows);
    gfx::Wall wall = wall_;
    wall.gap = {gap * window_.zoom, gap * window_.zoom};
    for (const Part& part : parts) {
      const std::size_t first = static_cast<std::size_t>(part.block * l.rows_each) * per_row;
      const auto rows = static_cast<std::size_t>(l.rows_in(part.block));
      wall.origin = part.origin;
      canvas_.view.textures.wall(*ImGui::GetWindowDrawList(), part.key, now,
                                 std::span<const float>(shown.values).subspan(first, rows * per_row),
                                 static_cast<int>(rows) * columns, columns, width, height,
                                 {theme().ground(), false, std::span(&shown.scale, 1)}, part.from, part.to, wall);
    }
    return shown.scale;
  }

  Canvas& canvas_;
  const Window& window_;
  document::Overlay overlay_;
  std::string key_;
  gfx::Wall wall_;
};

}  // namespace

Scales draw_canvas(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size, Ask ask) {
  const document::Document& document = view.document();
  const int node = document.selection.layer;
  if (ui.wall.layer != node) ui.wall = {.layer = node};
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Layout layout = *lay_out(document.graph(), node, {size.x - 2 * kMargin, size.y - kHeader - 2 * kMargin},
                                 gutter_of(document, node));
  Canvas canvas{view,
                ui.wall,
                layout,
                area("wall", size),
                {at.x + kMargin, at.y + kHeader + kMargin},
                {at.x + 1, at.y + 1},
                {at.x + size.x - 1, at.y + size.y - 1}};
  use_keys(canvas, ask);
  const bool edits = studies::page_of(document).wall == studies::Wall::drawn_on;
  use_pointer(canvas, edits ? &ui.change : nullptr);
  reveal_lit(canvas);
  const Window window = canvas.window();

  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(canvas.from, canvas.to, true);
  const document::Overlay overlay =
      available(view, document.view.overlay) ? document.view.overlay : document::Overlay::value;
  Scales scales = Painter(canvas, window, overlay).draw();
  std::optional<Cell> pointed;
  if (canvas.area.hovered && !ImGui::IsMouseDragging(0, 4.0F)) pointed = cell_at(layout, window, ImGui::GetMousePos());
  scales.unmarked =
      !draw_marks(view, layout, window, pointed, edits ? part_text(document, ui) : "", canvas.from, canvas.to);
  draw_labels(document, layout, window, canvas.from, canvas.to);
  list.PopClipRect();
  list.AddRect(at, {at.x + size.x, at.y + size.y}, colours().line, Metrics::kRound);
  draw_focus(list, canvas.area, Metrics::kRound);
  if (pointed) weight_tooltip(view, pointed->ref);

  const bool still = ImGui::GetIO().MouseDragMaxDistanceSqr[0] < 36.0F;
  if (canvas.area.pressed && ImGui::IsMouseReleased(0) && still) {
    const auto cell = cell_at(layout, window, ImGui::GetMousePos());
    if (cell) commands.push(document::command::SelectWeight{cell->ref});
  }
  return scales;
}

}  // namespace weightroom::ui::wall
