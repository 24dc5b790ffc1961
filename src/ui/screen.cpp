// The whole screen: header, three columns (tabs where it is narrow), status line, messages, the opening words.
#include <algorithm>
#include <array>
#include <initializer_list>

#include <strings/answer.h>
#include <strings/network.h>
#include <strings/picture.h>
#include <strings/screen.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/page.h"
#include "ui/pages/pages.h"
#include "ui/panel.h"
#include "ui/widgets/bubble.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scroll_hint.h"

namespace weightroom::ui {
namespace {

constexpr float kEdge = 12.0F;  // between the window's edge and the cards
constexpr float kStatus = 28.0F;
constexpr float kLowBar = 44.0F;  // the one line of a low window

// Of the Tab key: answer and kernel before the picture and the pages, wherever they stand.
enum TabRanks { kHeader = -1, kFirst = 0, kOthers = 1, kStatusLine = 2 };

using Panels = std::initializer_list<std::string_view>;

// A part of the screen that scrolls on its own: these panels, one below the other, and after them the open page.
void draw_column(const char* id, Panels panels, const View& view, UiState& ui, CommandQueue& commands, ImVec2 from,
                 ImVec2 size, bool page = false) {
  ImGui::SetCursorScreenPos(from);
  // Room on both sides for the sheets' shadows.
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4.0F, 4.0F});
  ImGui::BeginChild(id, size, ImGuiChildFlags_AlwaysUseWindowPadding,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NavFlattened);
  ImGui::PopStyleVar();
  const std::string open(view.has_document() ? view.document().page : studies::pages().front().name);
  if (page && ui.page != open) {
    if (!ui.page.empty()) ImGui::SetScrollY(0.0F);  // another page begins at its top
    ui.page = open;
    if (view.has_document()) ui.last_pages[studies::page_of(view.document()).group] = open;
  }
  for (const std::string_view name : panels) {
    if (!ui.presenting || name != "edits") panel(name).draw(view, ui, commands);
  }
  if (page) page_panel(open).draw(view, ui, commands);
  hint_at_more_below(colours().paper);
  ImGui::EndChild();
}

// Panels that stay in sight; the height they took.
float draw_fixed(const char* id, Panels panels, const View& view, UiState& ui, CommandQueue& commands, ImVec2 from,
                 float width) {
  ImGui::SetCursorScreenPos(from);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4.0F, 4.0F});
  ImGui::BeginChild(id, {width, 0.0F}, ImGuiChildFlags_AlwaysUseWindowPadding | ImGuiChildFlags_AutoResizeY,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NavFlattened);
  ImGui::PopStyleVar();
  for (const std::string_view name : panels) panel(name).draw(view, ui, commands);
  ImGui::EndChild();
  return ImGui::GetItemRectSize().y;
}

struct Room {
  ImVec2 from;
  ImVec2 size;
};

// The pages' rows of tabs, and below them what scrolls: the open page, or the picture in its place.
void draw_page(const View& view, UiState& ui, CommandQueue& commands, const Room& room) {
  const float tabs = view.has_document() ? page_tabs_height() : 0.0F;
  if (tabs > 0.0F) {
    ImGui::SetCursorScreenPos({room.from.x + 4.0F, room.from.y + 4.0F});
    ImGui::BeginChild("pages", {room.size.x - 8.0F, tabs}, ImGuiChildFlags_None,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NavFlattened);
    panel("pages").draw(view, ui, commands);
    ImGui::EndChild();
  }
  const float top = tabs > 0.0F ? tabs + 8.0F : 0.0F;
  const ImVec2 from{room.from.x, room.from.y + top};
  const ImVec2 size{room.size.x, room.size.y - top};
  if (shows_picture(ui)) {
    draw_column("column/picture", {"picture", "saliency"}, view, ui, commands, from, size);
  } else {
    draw_column("column/network", {}, view, ui, commands, from, size, true);
  }
}

void draw_three(const View& view, UiState& ui, CommandQueue& commands, const Room& room) {
  const float side = side_width();
  const float middle = room.size.x - 2 * side;
  const ImVec2 from = room.from;
  const float height = room.size.y;
  draw_column("column/picture", {"picture", "saliency"}, view, ui, commands, from, {side, height});
  draw_page(view, ui, commands, {{from.x + side, from.y}, {middle, height}});
  const TabRank first(kFirst);
  draw_column("column/answer", {"answer", "inspector", "effect", "edits"}, view, ui, commands,
              {from.x + side + middle, from.y}, {side, height});
}

// Answer and kernel stay, what belongs to them scrolls below; the page beside them.
void draw_two(const View& view, UiState& ui, CommandQueue& commands, const Room& room) {
  const float side = side_width();
  const bool low = layout() == Layout::low;
  const Panels fixed = low ? Panels{"glance"} : Panels{"answer", "inspector"};
  const Panels below = low ? Panels{"answer", "inspector", "effect", "edits"} : Panels{"sum", "effect", "edits"};
  // The kernel's cells come last: who asks where a weight is means them, not the wall's.
  draw_page(view, ui, commands, {{room.from.x + side, room.from.y}, {room.size.x - side, room.size.y}});
  const TabRank first(kFirst);
  const float taken = draw_fixed("column/fixed", fixed, view, ui, commands, room.from, side);
  draw_column("column/answer", below, view, ui, commands, {room.from.x, room.from.y + taken},
              {side, std::max(room.size.y - taken, 1.0F)});
}

enum Tab { kPicture, kNetwork, kAnswer };

// Whether answer and selected weight stand in a strip of their own, since their column is not in sight.
bool shows_glance(const UiState& ui) {
  if (!ui.whole_bench) return false;
  return layout() == Layout::low || (layout() == Layout::tabs && ui.tab != kAnswer);
}

// A page that has been opened, by a command say, comes to the front.
void follow_page(const View& view, UiState& ui) {
  if (!view.has_document() || ui.page_followed == view.document().page) return;
  if (!ui.page_followed.empty()) {
    ui.tab = kNetwork;
    ui.picture_shown = false;
  }
  ui.page_followed = view.document().page;
}

void draw_tabs(const View& view, UiState& ui, CommandQueue& commands, const Room& room) {
  const float width = room.size.x;
  const float foot = theme().metrics.control + 2 * Metrics::kGap;
  ImVec2 from = room.from;
  if (shows_glance(ui)) from.y += draw_fixed("column/fixed", {"glance"}, view, ui, commands, from, width);
  const ImVec2 size{width, std::max(room.from.y + room.size.y - foot - from.y, 1.0F)};
  switch (ui.tab) {
    case kPicture:
      draw_column("column/picture", {"picture", "saliency"}, view, ui, commands, from, size);
      break;
    case kNetwork:
      draw_page(view, ui, commands, {from, size});
      break;
    default:
      draw_column("column/answer", {"answer", "inspector", "effect", "edits"}, view, ui, commands, from, size);
  }
  const std::array<std::string_view, 3> titles{say(text::picture_title), say(text::network_title),
                                               say(text::answer_title)};
  ImGui::SetCursorScreenPos({room.from.x + kEdge, room.from.y + room.size.y - foot + Metrics::kGap / 2});
  (void)tabs("tabs", titles, ui.tab, width - 2 * kEdge);
}

void draw_columns(const View& view, UiState& ui, CommandQueue& commands, const Room& room) {
  if (!ui.whole_bench) {
    ImGui::SetCursorScreenPos(room.from);
    ImGui::BeginChild("quiet", room.size, ImGuiChildFlags_None,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NavFlattened);
    panel("quiet").draw(view, ui, commands);
    ImGui::EndChild();
    return;
  }
  follow_page(view, ui);
  switch (layout()) {
    case Layout::columns:
      return draw_three(view, ui, commands, room);
    case Layout::pair:
    case Layout::low:
      return draw_two(view, ui, commands, room);
    case Layout::tabs:
      return draw_tabs(view, ui, commands, room);
  }
}

// An error; a notice only where the status line has no room for it.
std::string message(const View& view) {
  if (!view.lab.error().empty()) return view.lab.error();
  return narrow_window() ? view.lab.notice() : std::string();
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
      if (view.lab.can_redo()) commands.push(document::command::Redo{});
    } else if (view.lab.can_undo()) {
      commands.push(document::command::Undo{});
    }
  }
  if (control && ImGui::IsKeyPressed(ImGuiKey_Y) && view.lab.can_redo()) commands.push(document::command::Redo{});
  if (control && ImGui::IsKeyPressed(ImGuiKey_S, false)) commands.push(document::command::SaveModel{});
  if (control && ImGui::IsKeyPressed(ImGuiKey_O, false)) context().requests.choose_file = true;
}

// "Drag this weight." on the selected weight's cell, or on its slider where the cells are elsewhere.
void draw_first_words(const View& view, UiState& ui) {
  if (view.lab.has_document() && view.document().edited()) ui.first_words = false;
  if (!first_words(view, ui) || (layout() == Layout::tabs && ui.reading.open)) return;
  if (ui.first_words_at < 0.0) ui.first_words_at = view.time;
  const double seconds = view.time - ui.first_words_at;
  if (shows_glance(ui)) {
    point_at("weight_slider", say(text::screen_drag_this), seconds);
  } else {
    point_at(weight_id(view.document().graph(), *view.document().selection.weight), say(text::screen_drag_this),
             seconds, "kernel");
  }
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
  const bool low = layout() == Layout::low;
  const float edge = low ? std::max(0.0F, (kLowBar - theme().metrics.control) / 2) : kEdge;
  const float header = theme().metrics.control + 2 * edge + (low ? 4.0F : 0.0F);

  const auto bar = [&](std::string_view name, float top, float height, int rank) {
    const TabRank place(rank);
    ImGui::SetCursorScreenPos({from.x + edge, top});
    ImGui::BeginChild(std::string(name).c_str(), {viewport.Size.x - 2 * edge, height}, ImGuiChildFlags_None,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NavFlattened);
    panel(name).draw(view, ui, commands);
    ImGui::EndChild();
  };
  bar("header", from.y + edge, theme().metrics.control, kHeader);
  const std::string told = message(view);
  const float top = from.y + header - 4 + (told.empty() ? 0.0F : banner_height(told) + Metrics::kGap);
  const bool status = !low && !ui.presenting;
  const float foot = status ? kStatus + 4.0F : 4.0F;
  const TabRank others(kOthers);
  draw_columns(view, ui, commands, {{from.x + edge - 4, top}, {viewport.Size.x - 2 * edge + 8, to.y - foot - top}});
  if (status) bar("status", to.y - kStatus - 2, kStatus, kStatusLine);
  handle_keys(view, commands);
  if (!ui.progress.words.empty()) progress(ui.progress.words, ui.progress.share, from.y + header + 24.0F);
  ImGui::End();
  panel("reading").draw(view, ui, commands);
  const TabRank before(kHeader);
  if (!told.empty()) draw_message(view, told, from.y + header - 4, commands);
  if (ui.file_held) drop_veil(say(text::screen_drop));

  draw_first_words(view, ui);
  move_tab_focus();
}

}  // namespace weightroom::ui
