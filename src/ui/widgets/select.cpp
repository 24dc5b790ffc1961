// One of many: a button that opens a list.
#include <algorithm>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr float kWidestLabel = 300.0F;   // in a list; a file may have any name
constexpr float kWidestDetail = 420.0F;  // longer ones take more lines
constexpr float kInside = 12.0F;         // between a row's end and its words
constexpr float kFrame = 6.0F;           // between the list's edge and its rows
constexpr float kFromEdge = 8.0F;        // between the list and the window's edge

// Where the words of a row stand, so that none is cut: what has no room beside the label goes below it.
struct Row {
  std::string label;
  std::string detail;  // in lines
  bool below = false;  // `beside` has a line of its own
  float words = 0.0F;  // where the detail begins
  float height = 0.0F;
};

float width_of(std::string_view words, ImFont* font) { return words.empty() ? 0.0F : text_size(words, font).x; }

// What the first line of an option takes with everything in it.
float line_width(const Option& option) {
  const float beside = width_of(option.beside, fonts().body);
  const float aside = width_of(option.aside, fonts().small);
  return std::min(width_of(option.label, fonts().strong), kWidestLabel) + (beside > 0.0F ? beside + 10.0F : 0.0F) +
         (aside > 0.0F ? aside + 16.0F : 0.0F);
}

Row plan_row(const Option& option, bool chosen, float width) {
  constexpr float kFirst = 29.0F;
  const float right = chosen ? 36.0F : kInside;
  const float room = width - kInside - right;
  const float aside = width_of(option.aside, fonts().small);
  Row row{.label = shortened(option.label, room - (aside > 0.0F ? aside + 16.0F : 0.0F), fonts().strong),
          .detail = wrapped(option.detail, width - 2 * kInside, fonts().body)};
  row.below = !option.beside.empty() && line_width(option) > room;
  row.words = kFirst + (row.below ? font_height(fonts().body) + 1.0F : 0.0F);
  const bool one_line = option.detail.empty() && !row.below;
  const float words = option.detail.empty() ? 0.0F : text_size(row.detail, fonts().body).y;
  row.height = std::max(theme().metrics.control, one_line ? 36.0F : row.words + words + 8.0F);
  return row;
}

bool option_row(std::string_view id, const Option& option, bool chosen, float width) {
  const Row row = plan_row(option, chosen, width);
  const Area at = area(id, {width, row.height}, option.enabled);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (at.hovered || at.focused || at.held) list.AddRectFilled(at.from, at.to, colours().control_hover, 6.0F);
  const ImU32 ink = option.enabled ? colours().ink : colours().faint;
  const bool one_line = option.detail.empty() && !row.below;
  const float top = at.from.y + (one_line ? 0.0F : 4.0F);
  const float split = one_line ? at.to.y : at.from.y + 29.0F;
  ImFont* font = chosen ? fonts().strong : fonts().body;
  const float x = at.from.x + kInside;
  draw_text_in(list, font, {x, top}, {at.to.x, split}, 0, ink, row.label);
  if (row.below) {
    draw_text(list, fonts().body, {x, split - 2.0F}, colours().quiet, option.beside);
  } else {
    draw_text_in(list, fonts().body, {x + width_of(row.label, font) + 10.0F, top}, {at.to.x, split}, 0, colours().quiet,
                 option.beside);
  }
  if (!option.detail.empty()) draw_text(list, fonts().body, {x, at.from.y + row.words}, colours().quiet, row.detail);
  const float right = at.to.x - (chosen ? 36.0F : kInside);
  if (!option.aside.empty())
    draw_text_in(list, fonts().small, {at.from.x, top}, {right, split}, 1.0F, colours().quiet, option.aside);
  if (chosen) draw_icon(list, Icon::check, {at.to.x - 20, at.from.y + 19.0F}, 18, colours().accent);
  return at.pressed;
}

// Of a group's heading: its words in lines, and how high it is.
struct HeadingRow {
  std::string detail;
  float above = 0.0F;
  bool below = false;  // `beside` has a line of its own
  float height = 0.0F;
};

HeadingRow plan_heading(const Option::Heading& heading, bool first, float width) {
  const float room = width - 2 * kInside;
  HeadingRow row{.detail = wrapped(heading.detail, room, fonts().body), .above = first ? 6.0F : 12.0F};
  const float both = width_of(heading.label, fonts().strong) + 10.0F + width_of(heading.beside, fonts().body);
  row.below = !heading.beside.empty() && both > room;
  row.height = row.above + 24.0F + (row.below ? 22.0F : 0.0F);
  if (!heading.detail.empty()) row.height += text_size(row.detail, fonts().body).y + 2.0F;
  return row;
}

void heading_row(const Option::Heading& heading, bool first, float width) {
  const HeadingRow row = plan_heading(heading, first, width);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (!first) list.AddLine({from.x + kInside, from.y + 4}, {from.x + width - kInside, from.y + 4}, colours().line);
  const float x = from.x + kInside;
  float y = from.y + row.above;
  draw_text_in(list, fonts().strong, {x, y}, {from.x + width, y + 22}, 0, colours().accent, heading.label);
  const float after = row.below ? x : x + width_of(heading.label, fonts().strong) + 10.0F;
  if (row.below) y += 22.0F;
  draw_text_in(list, fonts().body, {after, y}, {from.x + width, y + 22}, 0, colours().quiet, heading.beside);
  if (!heading.detail.empty()) draw_text(list, fonts().body, {x, y + 23.0F}, colours().ink, row.detail);
  ImGui::Dummy({width, row.height});
}

// How large an open list is, and where: below its button, else above it, else where there is room.
struct Place {
  float width;  // of a row
  ImVec2 size;
  ImVec2 from;
};

Place place_list(std::span<const Option> options, int chosen, const Area& button) {
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const float bar = ImGui::GetStyle().ScrollbarSize;
  float widest = button.width() - 2 * kFrame;
  for (const Option& option : options) {
    widest = std::max({widest, line_width(option) + 2 * kInside + 28.0F,
                       std::min(width_of(option.detail, fonts().body), kWidestDetail) + 2 * kInside,
                       std::min(width_of(option.heading.detail, fonts().body), kWidestDetail) + 2 * kInside});
  }
  Place place{.width = std::min(widest, window.x - 2 * kFromEdge - 2 * kFrame - bar), .size = {}, .from = {}};
  float height = 2 * kFrame - ImGui::GetStyle().ItemSpacing.y;
  for (int i = 0; i < static_cast<int>(options.size()); ++i) {
    const Option& option = options[static_cast<std::size_t>(i)];
    if (!option.heading.label.empty())
      height += plan_heading(option.heading, i == 0, place.width).height + ImGui::GetStyle().ItemSpacing.y;
    height += plan_row(option, i == chosen, place.width).height + ImGui::GetStyle().ItemSpacing.y;
  }
  const float most = window.y * 0.7F;
  place.size = {place.width + 2 * kFrame + (height > most ? bar : 0.0F), std::min(height, most)};
  const float lowest = window.y - kFromEdge - place.size.y;
  const float above = button.from.y - 4.0F - place.size.y;
  place.from.x = std::clamp(button.from.x, kFromEdge, std::max(kFromEdge, window.x - kFromEdge - place.size.x));
  place.from.y = button.to.y + 4.0F;
  if (place.from.y > lowest) place.from.y = above >= kFromEdge ? above : std::max(kFromEdge, lowest);
  return place;
}

// Whether another one was chosen from the open list.
bool choose_from(std::string_view id, std::span<const Option> options, float width, int& chosen) {
  bool changed = false;
  const int before = chosen;
  for (int i = 0; i < static_cast<int>(options.size()); ++i) {
    const Option& option = options[static_cast<std::size_t>(i)];
    if (!option.heading.label.empty()) heading_row(option.heading, i == 0, width);
    const bool pressed = option_row(std::string(id) + "/" + std::to_string(i), option, i == before, width);
    if (!option.name.empty()) note_item(std::string(id) + "/" + option.name);
    if (i == before && ImGui::IsWindowAppearing()) ImGui::SetScrollHereY();
    if (!pressed) continue;
    changed = before != i;
    chosen = i;
    ImGui::CloseCurrentPopup();
  }
  return changed;
}

}  // namespace

bool select(std::string_view id, std::string_view now, const std::function<std::vector<Option>()>& make, int& chosen,
            float width, std::string_view beside) {
  const float whole = width > 0 ? width : ImGui::GetContentRegionAvail().x;
  const std::string popup = std::string(id) + "/list";
  const Area at = area(id, {whole, theme().metrics.control});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool open = ImGui::IsPopupOpen(popup.c_str());
  list.AddRectFilled(at.from, at.to, at.hovered ? colours().control : colours().card, Metrics::kRound);
  list.AddRect(at.from, at.to, open ? colours().accent : colours().line, Metrics::kRound, ImDrawFlags_None,
               open ? 2.0F : 1.0F);
  const float end = at.to.x - 36.0F;
  const float own = beside.empty() ? 0.0F : width_of(beside, fonts().body) + 10.0F;
  list.PushClipRect(at.from, {at.to.x - 32, at.to.y}, true);
  draw_text_in(list, fonts().body, {at.from.x + 12, at.from.y}, at.to, 0, colours().ink,
               shortened(now, std::max(end - own - at.from.x - 12.0F, 40.0F), fonts().body));
  draw_text_in(list, fonts().body, at.from, {end, at.to.y}, 1.0F, colours().quiet, beside);
  list.PopClipRect();
  draw_icon(list, Icon::chevron_down, {at.to.x - 18, at.centre().y}, 16, colours().quiet);
  draw_focus(list, at, Metrics::kRound);
  if (at.pressed) ImGui::OpenPopup(popup.c_str());
  if (!ImGui::IsPopupOpen(popup.c_str())) return false;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {kFrame, kFrame});
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 2});
  const std::vector<Option> options = make();
  const Place place = place_list(options, chosen, at);
  ImGui::SetNextWindowPos(place.from);
  ImGui::SetNextWindowSize(place.size);
  bool changed = false;
  if (ImGui::BeginPopup(popup.c_str())) {
    changed = choose_from(id, options, place.width, chosen);
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar(2);
  return changed;
}

bool select(std::string_view id, std::span<const Option> options, int& chosen, float width) {
  const bool valid = chosen >= 0 && chosen < static_cast<int>(options.size());
  const std::string_view now = valid ? options[static_cast<std::size_t>(chosen)].label : std::string_view();
  return select(id, now, [options] { return std::vector<Option>(options.begin(), options.end()); }, chosen, width);
}

}  // namespace weightroom::ui
