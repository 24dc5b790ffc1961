// The page Teach: classes of one's own, with their pictures; what was learnt of them stands in teach_learnt.cpp.
#include "ui/pages/teach.h"

#include <algorithm>
#include <array>

#include <strings/teach.h>

#include "studies/teach.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/page.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/number_cell.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kThumb = 56.0F;
constexpr int kThumbPixels = 112;
constexpr std::size_t kMostThumbs = 60;  // of a class; the last ones, which came just now

std::string class_id(std::size_t c) { return "teach/class/" + std::to_string(c); }

void put_into(const View& view, int of_class, CommandQueue& commands) {
  choose<studies::TeachChoice>(view, commands, [&](auto& choice) { choice.into = of_class; });
}

// The class whose row the pointer is over; -1: none.
int class_under_pointer(std::size_t classes) {
  const ImVec2 mouse = ImGui::GetMousePos();
  for (std::size_t c = 0; c < classes; ++c) {
    const auto place = context().rects.find(class_id(c));
    if (place && mouse.x >= place->from.x && mouse.x < place->to.x && mouse.y >= place->from.y && mouse.y < place->to.y)
      return static_cast<int>(c);
  }
  return -1;
}

// A picture under the pointer goes to the class where it is let go.
void drag_picture(const View& view, UiState& ui, const Area& at, const teach::TaughtPicture& picture, std::size_t from,
                  CommandQueue& commands) {
  keeps_finger(true);
  if (at.held && ImGui::IsMouseDragging(0, 6.0F)) ui.dragged_picture = picture.id;
  if (ui.dragged_picture != picture.id) return;
  if (at.held) {
    const ImVec2 mouse = ImGui::GetMousePos();
    ImDrawList& list = *ImGui::GetForegroundDrawList();
    list.AddRectFilled({mouse.x - 8, mouse.y - 8}, {mouse.x + kThumb - 8, mouse.y + kThumb - 8},
                       with_alpha(colours().accent, 0.35F), 6.0F);
    return;
  }
  ui.dragged_picture = 0;
  const int to = class_under_pointer(view.document().project->classes.size());
  if (to >= 0 && to != static_cast<int>(from))
    commands.push(document::command::MovePicture{picture.id, std::to_string(to)});
}

void draw_thumbs(const View& view, UiState& ui, const teach::TaughtClass& row, std::size_t c, float width,
                 CommandQueue& commands) {
  const float each = kThumb + 6.0F;
  const auto columns = static_cast<std::size_t>(std::max(1.0F, (width + 6.0F) / each));
  const std::size_t first = row.pictures.size() > kMostThumbs ? row.pictures.size() - kMostThumbs : 0;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const TabGroup stop;
  for (std::size_t i = first; i < row.pictures.size(); ++i) {
    const teach::TaughtPicture& picture = row.pictures[i];
    const std::size_t k = i - first;
    ImGui::SetCursorScreenPos(
        {from.x + each * static_cast<float>(k % columns), from.y + each * static_cast<float>(k / columns)});
    const Area at = taught_picture(view, "teach/picture/" + std::to_string(picture.id), picture, kThumb);
    const bool dragged = ui.dragged_picture == picture.id;
    drag_picture(view, ui, at, picture, c, commands);
    if (at.focused && ImGui::IsKeyPressed(ImGuiKey_Delete, false))
      commands.push(document::command::RemovePicture{picture.id});
    if (at.pressed && !dragged) {
      ui.chosen_picture = picture.id;
      commands.push(document::command::OpenTaught{picture.id});
    }
    if (ui.chosen_picture == picture.id)
      ImGui::GetWindowDrawList()->AddRect(at.from, at.to, colours().accent, 6.0F, ImDrawFlags_None, 2.0F);
  }
  const std::size_t rows = (row.pictures.size() - first + columns - 1) / columns;
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, static_cast<float>(rows) * each});
}

// What can be done with the picture that was pressed last, where it is one of this class.
void draw_chosen(const UiState& ui, const teach::Project& project, std::size_t c, float width, CommandQueue& commands) {
  const auto place = project.find(ui.chosen_picture);
  if (!place || place->of_class != c) return;
  const teach::TaughtPicture& picture = project.classes[c].pictures[place->picture];
  std::vector<Option> options;
  for (const teach::TaughtClass& row : project.classes) options.push_back({.label = row.name});
  const std::string remove = tr(text::teach_remove_picture);
  const float control = theme().metrics.control;
  const float button_room = button_width(remove, {}) + Metrics::kGap;
  const float select_room = std::min(160.0F, (width - button_room) / 2);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from,
               {from.x + width - button_room - select_room - Metrics::kGap, from.y + control}, 0.0F, colours().quiet,
               shortened(picture.kept->name, width - button_room - select_room - 2 * Metrics::kGap, fonts().body));
  ImGui::SetCursorScreenPos({from.x + width - button_room - select_room, from.y});
  auto to = static_cast<int>(c);
  if (select("teach/move", options, to, select_room))
    commands.push(document::command::MovePicture{picture.id, std::to_string(to)});
  tooltip(tr(text::teach_move));
  ImGui::SetCursorScreenPos({from.x + width - button_room + Metrics::kGap, from.y});
  if (button("teach/remove", remove)) commands.push(document::command::RemovePicture{picture.id});
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

std::string count_words(const teach::TaughtClass& row) {
  if (row.pictures.empty()) return tr(text::teach_no_pictures);
  return tr(text::teach_pictures, {{"n", row.pictures.size()}}) + ", " +
         tr(text::teach_takes, {{"n", row.take_count()}});
}

// Name, counts where there is room for them, and what can be done. Whether there was.
bool draw_class_line(const View& view, const teach::TaughtClass& row, std::size_t c, float width,
                     CommandQueue& commands) {
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddCircleFilled({from.x + 8.0F, from.y + control / 2}, 6.0F, class_colour(c));
  const std::string add = tr(text::teach_add);
  const float buttons = button_width(add, {.icon = Icon::plus}) + control + Metrics::kGap;
  const float words = std::min(200.0F, width - 24.0F - buttons);
  ImGui::SetCursorScreenPos({from.x + 20.0F, from.y});
  if (auto name = text_field(class_id(c) + "/name", row.name, {words, control}))
    commands.push(document::command::RenameClass{std::to_string(c), std::move(*name)});
  tooltip(tr(text::teach_rename));
  const std::string counts = count_words(row);
  const float after = from.x + 20.0F + words + Metrics::kGap;
  const float right = from.x + width - buttons - Metrics::kGap;
  const bool room = after + text_size(counts, fonts().body).x <= right;
  if (room) draw_text_in(list, fonts().body, {after, from.y}, {right, from.y + control}, 1.0F, colours().quiet, counts);
  ImGui::SetCursorScreenPos({from.x + width - buttons, from.y});
  if (button(class_id(c) + "/add", add, {.icon = Icon::plus, .tooltip = say(text::teach_add_help)})) {
    put_into(view, static_cast<int>(c), commands);
    context().requests.choose_file = true;
  }
  ImGui::SetCursorScreenPos({from.x + width - control, from.y});
  if (icon_button(class_id(c) + "/remove", Icon::close, say(text::teach_remove_class), {.look = Look::bare}))
    commands.push(document::command::RemoveClass{std::to_string(c)});
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
  return room;
}

void draw_class(const View& view, UiState& ui, const teach::Project& project, std::size_t c, float width,
                CommandQueue& commands) {
  constexpr float kInset = 8.0F;
  const teach::TaughtClass& row = project.classes[c];
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({from.x + kInset, from.y + kInset});
  ImGui::BeginGroup();
  if (!draw_class_line(view, row, c, width - 2 * kInset, commands)) text(count_words(row), Role::quiet);
  if (!row.pictures.empty()) draw_thumbs(view, ui, row, c, width - 2 * kInset, commands);
  draw_chosen(ui, project, c, width - 2 * kInset, commands);
  ImGui::EndGroup();
  const ImVec2 to{from.x + width, ImGui::GetItemRectMax().y + kInset};
  const bool chosen = view.document().choice<studies::TeachChoice>().into == static_cast<int>(c);
  const bool target = ui.dragged_picture != 0 && class_under_pointer(project.classes.size()) == static_cast<int>(c);
  ImGui::GetWindowDrawList()->AddRect(from, to, chosen || target ? colours().accent : colours().line, Metrics::kRound,
                                      ImDrawFlags_None, chosen || target ? 2.0F : 1.0F);
  note_rect(class_id(c), from, to);
  // A click beside everything in it.
  if (ImGui::IsWindowHovered() && ImGui::IsMouseClicked(0) && !ImGui::IsAnyItemHovered() &&
      class_under_pointer(project.classes.size()) == static_cast<int>(c))
    put_into(view, static_cast<int>(c), commands);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, to.y - from.y});
}

}  // namespace

ImU32 class_colour(std::size_t of_class) {
  // Told apart by lightness as well as by hue (Okabe and Ito, "Color universal design", 2008), then once more lighter.
  static constexpr std::array<ImU32, 8> kColours{IM_COL32(0, 114, 178, 255),  IM_COL32(230, 159, 0, 255),
                                                 IM_COL32(0, 158, 115, 255),  IM_COL32(204, 121, 167, 255),
                                                 IM_COL32(213, 94, 0, 255),   IM_COL32(86, 180, 233, 255),
                                                 IM_COL32(240, 228, 66, 255), IM_COL32(120, 120, 120, 255)};
  const ImU32 colour = kColours[of_class % kColours.size()];
  return of_class < kColours.size() ? colour : blend(colour, IM_COL32_WHITE, 0.45F);
}

void draw_taught_picture(const View& view, const teach::TaughtPicture& picture, ImVec2 from, float side) {
  const std::string key = "taught/" + picture.kept->sha256;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 to{from.x + side, from.y + side};
  const bool held = view.textures.held(key) == 1;
  // To decode one takes a while: two a frame, and the others in the next.
  if (!held && context().decoded >= 2) {
    list.AddRectFilled(from, to, colours().track, 6.0F);
    context().animating = true;
    return;
  }
  if (!held) ++context().decoded;
  const gfx::Sprite sprite =
      view.textures.picture(key, 1, held ? std::vector<std::uint8_t>() : teach::thumbnail(*picture.kept, kThumbPixels),
                            kThumbPixels, kThumbPixels, false);
  list.AddImageRounded(sprite.id, from, to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, 6.0F);
}

Area taught_picture(const View& view, std::string_view id, const teach::TaughtPicture& picture, float side) {
  const Area at = area(id, {side, side});
  draw_taught_picture(view, picture, at.from, side);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (at.hovered) list.AddRect(at.from, at.to, colours().quiet, 6.0F, ImDrawFlags_None, 2.0F);
  draw_focus(list, at, 6.0F);
  return at;
}

void draw_taught_classes(const View& view, UiState& ui, CommandQueue& commands) {
  const document::Document& document = view.document();
  const teach::Project none = document.project ? teach::Project() : teach::empty_project();
  const teach::Project& project = document.project ? *document.project : none;
  Card card("teach", say(text::teach_classes), document.project ? theme().metrics.control : 0.0F);
  if (document.project) {
    card.begin_trailing();
    if (icon_button("teach/end", Icon::close, say(text::teach_end), {.look = Look::bare}))
      commands.push(document::command::EndTeaching{});
    card.end_trailing();
  }
  text(say(context().touch ? text::teach_how_touch : text::teach_how), Role::quiet, true);
  for (std::size_t c = 0; c < project.classes.size(); ++c) draw_class(view, ui, project, c, card.width(), commands);
  if (button("teach/add_class", say(text::teach_add_class), {.icon = Icon::plus}))
    commands.push(document::command::AddClass{});
  ImGui::SameLine(0, Metrics::kGap);
  if (context().folders && button("teach/folder", say(text::teach_folder), {.tooltip = say(text::teach_folder_help)})) {
    if (document.choice<studies::TeachChoice>().into < 0) put_into(view, 0, commands);
    context().requests.choose_folder = true;
  }
}

void teach_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.has_document()) return;
  draw_taught_classes(view, ui, commands);
  draw_learnt(view, commands);
  draw_made_of(view, commands);
}

}  // namespace weightroom::ui
