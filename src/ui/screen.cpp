// The whole screen: header, three columns (tabs where it is narrow), status line, messages, the opening words.
#include <array>

#include <strings/answer.h>
#include <strings/network.h>
#include <strings/picture.h>
#include <strings/screen.h>

#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/panel.h"
#include "ui/widgets/bubble.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scroll_hint.h"

namespace weightroom::ui {
namespace {

constexpr float kEdge = 12.0F;   // between the window's edge and the cards
constexpr float kSide = 340.0F;  // width of the left and right columns
constexpr float kStatus = 28.0F;

struct PageColumn {
  const char* id;
  Text title;
  std::array<std::string_view, 4> panels;
};
constexpr std::array<PageColumn, 3> kPageColumns{
    {{"column/picture", text::picture_title, {"picture", "saliency"}},
     {"column/network", text::network_title, {"pages"}},
     {"column/answer", text::answer_title, {"answer", "inspector", "edits", "effect"}}}};
constexpr int kAnswerTab = 2;

void draw_column(const PageColumn& column, const View& view, UiState& ui, CommandQueue& commands, ImVec2 from,
                 ImVec2 size) {
  ImGui::SetCursorScreenPos(from);
  // Room on both sides for the sheets' shadows.
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4.0F, 4.0F});
  ImGui::BeginChild(column.id, size, ImGuiChildFlags_AlwaysUseWindowPadding, ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar();
  const bool middle = column.panels[0] == "pages";
  const std::string page(view.has_document() ? view.document().page : studies::pages().front().name);
  if (middle && ui.page != page) {
    if (!ui.page.empty()) ImGui::SetScrollY(0.0F);  // another page begins at its top
    ui.page = page;
  }
  for (std::string_view name : column.panels) {
    if (!name.empty()) panel(name).draw(view, ui, commands);
  }
  if (middle) page_panel(page).draw(view, ui, commands);
  hint_at_more_below(colours().paper);
  ImGui::EndChild();
}

void draw_columns(const View& view, UiState& ui, CommandQueue& commands, ImVec2 from, ImVec2 to) {
  const float width = to.x - from.x;
  const float height = to.y - from.y;
  if (!folded()) {
    const float middle = width - 2 * kSide;
    draw_column(kPageColumns[0], view, ui, commands, from, {kSide, height});
    draw_column(kPageColumns[1], view, ui, commands, {from.x + kSide, from.y}, {middle, height});
    draw_column(kPageColumns[2], view, ui, commands, {from.x + kSide + middle, from.y}, {kSide, height});
    return;
  }
  const float foot = theme().metrics.control + 2 * Metrics::kGap;
  const auto chosen = static_cast<std::size_t>(ui.tab);
  draw_column(kPageColumns[chosen], view, ui, commands, from, {width, height - foot});
  std::array<std::string_view, kPageColumns.size()> titles;
  for (std::size_t i = 0; i < titles.size(); ++i) titles[i] = say(kPageColumns[i].title);
  ImGui::SetCursorScreenPos({from.x + kEdge, to.y - foot + Metrics::kGap / 2});
  (void)tabs("tabs", titles, ui.tab, width - 2 * kEdge);
}

// An error; a notice only where the status line has no room for it.
std::string message(const View& view) {
  if (!view.lab.error().empty()) return view.lab.error();
  return folded() ? view.lab.notice() : std::string();
}

void draw_message(const View& view, std::string_view words, float top, CommandQueue& commands) {
  const bool error = !view.lab.error().empty();
  if (banner(error ? "error" : "notice", words, error ? Tone::error : Tone::notice, top))
    commands.push(document::command::DismissError{});
}

void handle_keys(const View& view, CommandQueue& commands) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || !view.lab.has_document()) return;
  const bool control = io.KeyCtrl || io.KeySuper;
  if (control && ImGui::IsKeyPressed(ImGuiKey_Z)) {
    if (io.KeyShift) {
      if (view.lab.history().can_redo()) commands.push(document::command::Redo{});
    } else if (view.lab.history().can_undo()) {
      commands.push(document::command::Undo{});
    }
  }
  if (control && ImGui::IsKeyPressed(ImGuiKey_Y) && view.lab.history().can_redo())
    commands.push(document::command::Redo{});
  if (control && ImGui::IsKeyPressed(ImGuiKey_S, false)) commands.push(document::command::SaveModel{});
  if (control && ImGui::IsKeyPressed(ImGuiKey_O, false)) context().requests.choose_file = true;
}

}  // namespace

void draw_screen(const View& view, UiState& ui, CommandQueue& commands) {
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(viewport.Pos);
  ImGui::SetNextWindowSize(viewport.Size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                                      ImGuiWindowFlags_NoBackground;
  ImGui::Begin("screen", nullptr, kFlags);
  ImGui::PopStyleVar(3);
  const ImVec2 from = viewport.Pos;
  const ImVec2 to{from.x + viewport.Size.x, from.y + viewport.Size.y};
  const float header = theme().metrics.control + 2 * kEdge;

  const auto bar = [&](std::string_view name, float top, float height) {
    ImGui::SetCursorScreenPos({from.x + kEdge, top});
    ImGui::BeginChild(std::string(name).c_str(), {viewport.Size.x - 2 * kEdge, height}, ImGuiChildFlags_None,
                      ImGuiWindowFlags_NoScrollbar);
    panel(name).draw(view, ui, commands);
    ImGui::EndChild();
  };
  bar("header", from.y + kEdge, theme().metrics.control);
  const std::string told = message(view);
  const float top = from.y + header - 4 + (told.empty() ? 0.0F : banner_height(told) + Metrics::kGap);
  draw_columns(view, ui, commands, {from.x + kEdge - 4, top}, {to.x - kEdge + 4, to.y - kStatus - 4});
  bar("status", to.y - kStatus - 2, kStatus);
  handle_keys(view, commands);
  if (!ui.progress.words.empty()) progress(ui.progress.words, ui.progress.share, from.y + header + 24.0F);
  ImGui::End();
  panel("reading").draw(view, ui, commands);
  if (!told.empty()) draw_message(view, told, from.y + header - 4, commands);
  if (ui.file_held) drop_veil(say(text::screen_drop));

  if (view.lab.has_document() && view.document().edited()) ui.first_words = false;
  if (first_words(view, ui) && !(folded() && ui.reading.open)) {
    if (ui.first_words_at < 0.0) ui.first_words_at = view.time;
    const double seconds = view.time - ui.first_words_at;
    const bool layers = studies::page_of(view.document()).wall != studies::Wall::none;
    if (folded() && ui.tab != kAnswerTab) {
      if (layers) point_at("tabs/" + std::to_string(kAnswerTab), say(text::screen_drag_here), seconds);
    } else {
      point_at(weight_id(view.document().graph(), *view.document().selection.weight), say(text::screen_drag_this),
               seconds, "kernel");
    }
  }
}

}  // namespace weightroom::ui
