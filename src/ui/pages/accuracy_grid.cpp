// The cells of the confusion matrix: what each means is said above them; the names of the classes stand at both sides.
#include "ui/pages/accuracy_grid.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <strings/accuracy.h>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr float kCellGap = 2.0F;
constexpr float kRecall = 96.0F;
constexpr float kGridScrollbar = 10.0F;
constexpr int kFramesToReveal = 4;

using MatrixCell = std::pair<std::size_t, std::size_t>;  // the right class, the one answered

struct GridLayout {
  std::size_t n = 0;
  float names = 0.0F;  // the column on the left, which stays when the rest is scrolled
  float cell = 0.0F;   // its width
  float row = 0.0F;    // its height
  float head = 0.0F;   // of the classes' names above
  bool turned = false;
  bool scrolls = false;
  ImFont* font = nullptr;  // of the names

  [[nodiscard]] float cells() const { return (cell + kCellGap) * static_cast<float>(n); }
  [[nodiscard]] float width() const { return cells() + kRecall; }
  [[nodiscard]] float height() const {
    return head + (row + kCellGap) * static_cast<float>(n) + (scrolls ? kGridScrollbar : 0.0F);
  }
};

// A hand finds ten classes in cells of 24 points, and 24 in cells of 16.
float least_cell(std::size_t n) {
  return std::clamp(24.0F - (static_cast<float>(n) - 10.0F) * 8.0F / 14.0F, 16.0F, 24.0F);
}

GridLayout lay_out_matrix(const Matrix& matrix, float width) {
  constexpr float kMostHead = 112.0F;
  constexpr float kLargest = 70.0F;
  constexpr float kTallest = 32.0F;
  GridLayout layout{.n = matrix.classes.size()};
  const auto widest_in = [&](ImFont* font) {
    float widest = 0.0F;
    for (const std::size_t k : matrix.classes)
      widest = std::max(widest, text_size(class_label(matrix.view.document(), static_cast<int>(k)), font).x);
    return widest;
  };
  const float caption = text_size(say(text::accuracy_correct_class), fonts().body).x;
  layout.names = std::min(std::max(widest_in(fonts().body), caption), std::max(caption, width * 0.24F)) + 12.0F;
  const float least = std::ceil(least_cell(layout.n));
  const float each = std::floor((width - layout.names - kRecall) / static_cast<float>(layout.n));
  layout.cell = std::clamp(each - kCellGap, least, kLargest);
  layout.row = std::clamp(layout.cell, least, kTallest);
  layout.scrolls = layout.names + layout.width() > width + 0.5F;
  layout.font = layout.row + kCellGap < font_height(fonts().body) ? fonts().small : fonts().body;
  layout.turned = widest_in(fonts().body) > layout.cell;
  layout.head = layout.turned ? std::min(widest_in(layout.font), kMostHead) + 8.0F : font_height(fonts().body) + 6.0F;
  return layout;
}

ImU32 cell_colour(const Matrix& matrix, std::size_t truth, std::size_t answer) {
  const double all = std::max(1, matrix.now.class_count[truth]);
  if (matrix.change) {
    // What is right more often is warm, and so is what is taken for it less often.
    const double by = matrix.changed(truth, answer) / all * (truth == answer ? 1.0 : -1.0);
    return to_u32(gfx::diverging(static_cast<float>(std::clamp(3.0 * by, -1.0, 1.0)), theme().ground()));
  }
  const double share = matrix.count(truth, answer) / all;
  if (truth == answer) return blend(colours().track, colours().accent, static_cast<float>(0.15 + 0.55 * share));
  return share == 0.0
             ? colours().track
             : blend(colours().track, colours().danger, static_cast<float>(std::min(0.85, 0.12 + 1.6 * share)));
}

// "6 of 100 pictures of 'Shirt' are taken for 'Coat'. Before your changes: 3."
std::string cell_sentence(const Matrix& matrix, const MatrixCell& cell) {
  const auto [truth, answer] = cell;
  const auto label = [&](std::size_t k) { return class_label(matrix.view.document(), static_cast<int>(k)); };
  const int all = matrix.now.class_count[truth];
  if (all == 0) return tr(text::accuracy_cell_none, {{"truth", label(truth)}});
  const int count = matrix.count(truth, answer);
  std::string words = truth == answer
                          ? tr(text::accuracy_cell_recognised, {{"n", count}, {"all", all}, {"truth", label(truth)}})
                          : tr(text::accuracy_cell_says,
                               {{"n", count}, {"all", all}, {"truth", label(truth)}, {"answer", label(answer)}});
  if (matrix.changed(truth, answer) != 0)
    words += " " + tr(text::accuracy_cell_before, {{"before", matrix.counted_before(truth, answer)}});
  return words;
}

// In a room that is the same whatever it says, so that the cells below stay where they are.
struct SentenceRoom {
  ImVec2 from = ImGui::GetCursorScreenPos();
  float width;
  float lines = 1.0F;

  explicit SentenceRoom(float room) : width(room) {
    constexpr float kOneLine = 600.0F;
    if (room < kOneLine) lines = 2.0F;
    ImGui::Dummy({room, lines * font_height(fonts().body)});
    note_item("confusion/says");
  }
  void say_of(const Matrix& matrix, const std::optional<MatrixCell>& pointed) const {
    const auto& chosen = matrix.view.document().selection.cell;
    std::optional<MatrixCell> cell = pointed;
    if (!cell && chosen)
      cell = MatrixCell{static_cast<std::size_t>(chosen->first), static_cast<std::size_t>(chosen->second)};
    const std::string words =
        cell ? cell_sentence(matrix, *cell) : tr(context().touch ? text::accuracy_tap : text::accuracy_point);
    const std::string shown = shortened(words, width * lines * 0.94F, fonts().body);
    ImGui::SetCursorScreenPos(from);
    text(shown, cell ? Role::body : Role::quiet, true);
  }
};

// Recall at the end of a row, with its change in points.
void draw_recall(const Matrix& matrix, std::size_t truth, ImVec2 from, ImVec2 to) {
  const double recall = matrix.now.recall(truth);
  if (!std::isfinite(recall)) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const double by = 100.0 * (recall - matrix.before.recall(truth));
  const float middle = from.x + (to.x - from.x) * 0.55F;
  draw_text_in(list, fonts().body, from, {middle, to.y}, 1.0F, colours().ink, percent(recall, 0));
  if (std::abs(by) < 0.05) return;
  draw_text_in(list, fonts().body, {middle, from.y}, to, 1.0F, by > 0.0 ? colours().rise : colours().fall,
               (by > 0.0 ? "+" : "") + decimal(by, 0));
}

void draw_names_above(const Matrix& matrix, const GridLayout& layout, ImVec2 from) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().body);
  for (std::size_t c = 0; c < layout.n; ++c) {
    const std::string label = class_label(matrix.view.document(), static_cast<int>(matrix.classes[c]));
    const ImVec2 at{from.x + (layout.cell + kCellGap) * static_cast<float>(c), from.y};
    const ImVec2 to{at.x + layout.cell, at.y + layout.head};
    if (layout.turned) {
      draw_text_up(list, layout.font, {at.x + (layout.cell - font_height(layout.font)) / 2, to.y - 5.0F}, colours().ink,
                   shortened(label, layout.head - 8.0F, layout.font));
    } else {
      draw_text_in(list, fonts().body, at, to, 0.5F, colours().ink, label);
    }
    note_rect("column/" + std::to_string(matrix.classes[c]), at, to);
  }
  draw_text_in(list, fonts().body, {from.x + layout.cells(), from.y + layout.head - line - 4.0F},
               {from.x + layout.cells() + kRecall * 0.55F + 10.0F, from.y + layout.head - 4.0F}, 1.0F, colours().quiet,
               say(text::accuracy_recall));
}

void draw_names_beside(const Matrix& matrix, const GridLayout& layout, ImVec2 from) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().body);
  draw_text(list, fonts().body, {from.x, from.y + layout.head - line - 4.0F}, colours().quiet,
            say(text::accuracy_correct_class));
  for (std::size_t r = 0; r < layout.n; ++r) {
    const float y = from.y + layout.head + (layout.row + kCellGap) * static_cast<float>(r);
    const std::string label = class_label(matrix.view.document(), static_cast<int>(matrix.classes[r]));
    draw_text_in(list, layout.font, {from.x, y}, {from.x + layout.names, y + layout.row}, 0.0F, colours().ink,
                 shortened(label, layout.names - 8.0F, layout.font));
    note_rect("row/" + std::to_string(matrix.classes[r]), {from.x, y}, {from.x + layout.names, y + layout.row});
  }
}

// Whether it is pointed at.
bool draw_matrix_cell(const Matrix& matrix, const GridLayout& layout, const MatrixCell& cell, ImVec2 at, UiState& ui,
                      CommandQueue& commands) {
  const auto [truth, answer] = cell;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::SetCursorScreenPos(at);
  const Area place = area("cell/" + std::to_string(truth) + "/" + std::to_string(answer), {layout.cell, layout.row});
  const ImU32 ground = cell_colour(matrix, truth, answer);
  list.AddRectFilled(place.from, place.to, ground, 3.0F);
  const int number = matrix.change ? matrix.changed(truth, answer) : matrix.count(truth, answer);
  if (number != 0) {
    const std::string words = matrix.change ? signed_count(number) : grouped(static_cast<std::size_t>(number));
    if (text_size(words, fonts().small).x <= layout.cell)
      draw_text_in(list, fonts().small, place.from, place.to, 0.5F, ink_on(ground), words);
  }
  const auto& selected = matrix.view.document().selection.cell;
  const bool chosen = selected == std::pair{static_cast<int>(truth), static_cast<int>(answer)};
  if (chosen || place.hovered)
    list.AddRect(place.from, place.to, chosen ? colours().accent : colours().ink, 3.0F, ImDrawFlags_None, 2.0F);
  draw_focus(list, place, 3.0F);
  if (place.pressed) press_cell(matrix, truth, answer, ui, commands);
  return place.hovered || place.focused;
}

}  // namespace

std::string signed_count(int value) {
  return (value > 0 ? "+" : value < 0 ? "−" : "") + grouped(static_cast<std::size_t>(std::abs(value)));
}

void press_cell(const Matrix& matrix, std::size_t truth, std::size_t answer, UiState& ui, CommandQueue& commands) {
  const std::pair cell{static_cast<int>(truth), static_cast<int>(answer)};
  if (matrix.view.document().selection.cell == cell) {
    commands.push(document::command::SelectCell{"", ""});
  } else {
    commands.push(document::command::SelectCell{std::to_string(truth), std::to_string(answer)});
    ui.reveal_cell = kFramesToReveal;
  }
}

void draw_grid(const Matrix& matrix, float width, UiState& ui, CommandQueue& commands) {
  const GridLayout layout = lay_out_matrix(matrix, width);
  const SentenceRoom sentence(width);
  ImGui::SetCursorScreenPos({sentence.from.x + layout.names, ImGui::GetCursorScreenPos().y});
  text(say(text::accuracy_answered), Role::quiet);
  const ImVec2 from{sentence.from.x, ImGui::GetCursorScreenPos().y};
  draw_names_beside(matrix, layout, from);
  const TabGroup stop;
  std::optional<MatrixCell> pointed;
  ImGui::SetCursorScreenPos({from.x + layout.names, from.y});
  ImGui::SetNextWindowContentSize({layout.width(), 0.0F});
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, kGridScrollbar - 2.0F);
  ImGui::BeginChild("cells", {width - layout.names, layout.height()}, ImGuiChildFlags_None,
                    ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NavFlattened);
  const ImVec2 inside = ImGui::GetCursorScreenPos();
  draw_names_above(matrix, layout, inside);
  for (std::size_t r = 0; r < layout.n; ++r) {
    const float y = inside.y + layout.head + (layout.row + kCellGap) * static_cast<float>(r);
    for (std::size_t c = 0; c < layout.n; ++c) {
      const ImVec2 at{inside.x + (layout.cell + kCellGap) * static_cast<float>(c), y};
      const MatrixCell cell{matrix.classes[r], matrix.classes[c]};
      if (draw_matrix_cell(matrix, layout, cell, at, ui, commands)) pointed = cell;
    }
    draw_recall(matrix, matrix.classes[r], {inside.x + layout.cells(), y}, {inside.x + layout.width(), y + layout.row});
  }
  ImGui::EndChild();
  note_rect("confusion", from, {from.x + width, from.y + layout.height()});
  ImGui::PopStyleVar();
  sentence.say_of(matrix, pointed);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, layout.height()});
}

}  // namespace weightroom::ui
