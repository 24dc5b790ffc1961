// The line above everything: whose page this is, which model, saving, the theme.
#include <algorithm>

#include <strings/header.h>
#include <strings/quiet.h>

#include "ui/columns/quiet.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/pages.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

// Buttons that have words where there is room for them.
struct Buttons {
  std::string_view compare = "";  // with an address: ImGui measures it
  std::string_view save = "";
  float compare_width = theme().metrics.control;
  float save_width = theme().metrics.control;
};

Buttons buttons(bool narrow) {
  Buttons line;
  if (narrow) return line;
  line.compare = say(text::header_compare);
  line.save = say(text::header_save);
  line.compare_width = button_width(line.compare, {.icon = Icon::compare, .width = 184.0F});
  line.save_width = button_width(line.save, {.icon = Icon::download, .width = 150.0F});
  return line;
}

// A kernel of nine weights, one of them lit.
void draw_mark(ImVec2 at) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  constexpr float kCell = 7.5F;
  constexpr float kStep = 9.0F;
  // The same as on the loading screen (web/style.css).
  constexpr float kWeights[9] = {-0.35F, -0.7F, 0.35F, 0.7F, 0.0F, -0.35F, 0.0F, 0.35F, -0.7F};
  for (int i = 0; i < 9; ++i) {
    const int row = i / 3;
    const ImVec2 from{at.x + static_cast<float>(i % 3) * kStep, at.y + static_cast<float>(row) * kStep};
    ImU32 colour = to_u32(gfx::diverging(kWeights[i], theme().ground()));
    if (i == 4) colour = colours().accent;
    if (i == 6) colour = colours().line;
    list.AddRectFilled(from, {from.x + kCell, from.y + kCell}, colour, 2.0F);
  }
}

void choose_model(const View& view, UiState& ui, float width, CommandQueue& commands) {
  std::vector<Option> options;
  const auto& models = lab::shipped_models();
  int chosen = -1;
  const std::string now = view.lab.has_document() ? view.document().model->name : "";
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i].name == now) chosen = static_cast<int>(i);
    options.push_back({models[i].name, tr(models[i].title), true});
    options.back().name = models[i].name;
  }
  if (chosen < 0 && !now.empty()) {
    options.push_back(
        {now, view.document().model->title.empty() ? tr(text::header_from_file) : view.document().model->title, true});
    chosen = static_cast<int>(options.size()) - 1;
  }
  const std::size_t opens = options.size();
  options.push_back({tr(text::header_open), tr(text::header_open_detail), true});
  options.push_back({tr(text::header_reading), tr(text::header_reading_detail), view.lab.has_document()});
  if (chosen < 0) chosen = 0;
  const int before = chosen;
  if (!select("model", options, chosen, width) || chosen == before) return;
  if (static_cast<std::size_t>(chosen) < models.size()) {
    commands.push(document::command::OpenModel{models[static_cast<std::size_t>(chosen)].name});
  } else if (static_cast<std::size_t>(chosen) == opens) {
    context().requests.choose_file = true;
  } else if (static_cast<std::size_t>(chosen) == opens + 1) {
    ui.reading.open = true;
  }
}

// The loaded model is shown as long as a hand holds the button, or it is latched.
void compare(const View& view, UiState& ui, bool held, CommandQueue& commands) {
  ui.compare_latched = ui.compare_latched && view.document().edited();
  const bool wanted = held || ui.compare_latched;
  if (wanted != view.document().view.compare)
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = {}, .seen = {}, .compare = wanted});
}

// Undo, redo, hold to compare: in reach wherever the columns are scrolled to.
void history_buttons(const View& view, UiState& ui, const Buttons& line, CommandQueue& commands) {
  if (icon_button("undo", Icon::undo, say(text::header_undo), {.look = Look::bare, .enabled = view.lab.can_undo()})) {
    commands.push(document::command::Undo{});
  }
  ImGui::SameLine(0, 4);
  if (icon_button("redo", Icon::redo, say(text::header_redo), {.look = Look::bare, .enabled = view.lab.can_redo()})) {
    commands.push(document::command::Redo{});
  }
  if (!view.lab.has_document()) return;
  ImGui::SameLine(0, Metrics::kGap);
  const bool comparing = view.document().view.compare;
  const bool held = hold_button("compare", line.compare,
                                {.icon = Icon::compare,
                                 .tooltip = say(text::header_compare_help),
                                 .enabled = view.document().edited() || comparing,
                                 .chosen = comparing,
                                 .width = line.compare_width});
  // A second click at once lets it stay, another one lets it go.
  if (ImGui::IsItemActivated()) ui.compare_latched = ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  compare(view, ui, held, commands);
}

void theme_button() {
  const bool dark = theme().mode == Mode::dark;
  if (icon_button("theme", dark ? Icon::sun : Icon::moon, say(dark ? text::header_light : text::header_dark),
                  {.look = Look::bare})) {
    context().requests.theme = dark ? Mode::light : Mode::dark;
  }
}

void present_button(UiState& ui) {
  if (icon_button("present", Icon::screen, say(ui.presenting ? text::header_present_end : text::header_present),
                  {.look = Look::bare, .chosen = ui.presenting}))
    ui.presenting = !ui.presenting;
}

// For a projector: what is shown, loaded or edited, and the way back to the bench.
void draw_presenting_header(const View& view, UiState& ui, float x, ImVec2 from, float width, CommandQueue& commands) {
  const float control = theme().metrics.control;
  const float right = from.x + width;
  constexpr float kSwitch = 220.0F;
  const float tools = right - kSwitch - 2 * control - 2 * Metrics::kGap;
  if (view.has_document()) {
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().strong, {x, from.y}, {tools, from.y + control}, 0,
                 colours().quiet, shortened(view.document().model->name, tools - x, fonts().strong));
    ImGui::SetCursorScreenPos({tools, from.y});
    int chosen = view.document().view.compare ? 0 : 1;
    const bool edited = view.document().edited();
    ImGui::BeginDisabled(!edited);
    const Text sides[] = {text::header_loaded, text::header_edited};
    if (segmented("loaded_or_edited", sides, chosen, kSwitch)) ui.compare_latched = chosen == 0 && edited;
    ImGui::EndDisabled();
    compare(view, ui, false, commands);
    ImGui::SetCursorScreenPos({right - 2 * control - Metrics::kGap, from.y});
    if (icon_button("undo", Icon::undo, say(text::header_undo), {.look = Look::bare, .enabled = view.lab.can_undo()}))
      commands.push(document::command::Undo{});
  }
  ImGui::SetCursorScreenPos({right - control, from.y});
  present_button(ui);
}

// Of a first visit: the way back, and the theme.
void draw_quiet_header(const View& view, UiState& ui, ImVec2 from, float width, CommandQueue& commands) {
  const float control = theme().metrics.control;
  if (layout() == Layout::low) {
    ImGui::SetCursorScreenPos({from.x + 40, from.y});
    if (button("whole_bench", say(text::quiet_whole), {.icon = Icon::network, .tooltip = say(text::quiet_whole_help)}))
      open_whole_bench(ui);
  }
  ImGui::SetCursorScreenPos({from.x + width - 2 * control - Metrics::kGap, from.y});
  if (icon_button("undo", Icon::undo, say(text::header_undo), {.look = Look::bare, .enabled = view.lab.can_undo()}))
    commands.push(document::command::Undo{});
  ImGui::SameLine(0, Metrics::kGap);
  theme_button();
}

}  // namespace

void header_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const TabGroup stop;
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const bool narrow = narrow_window();
  const Buttons line = buttons(narrow);
  draw_mark({from.x + 4, from.y + (control - 25) / 2});
  float x = from.x + 40;
  if (!narrow) {
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().title, {x, from.y}, {x + 140, from.y + control}, 0, colours().ink,
                 "Weightroom");
    x += 140;
  }
  if (ui.presenting) return draw_presenting_header(view, ui, x, from, width, commands);
  if (!ui.whole_bench) return draw_quiet_header(view, ui, from, width, commands);
  const float history = 2 * control + 4 + Metrics::kGap + line.compare_width;
  const float present = narrow ? 0.0F : control + Metrics::kGap;  // a phone has no projector
  const float tools = from.x + width - line.save_width - control - present - history - 2 * Metrics::kGap;
  ImGui::SetCursorScreenPos({x, from.y});
  const float room = tools - x - Metrics::kGap;
  if (layout() == Layout::low) {  // the pages too stand in this one line
    const float each = std::min(200.0F, (room - Metrics::kGap) / 2);
    choose_model(view, ui, each, commands);
    ImGui::SetCursorScreenPos({x + each + Metrics::kGap, from.y});
    choose_page(view, ui, each, commands);
  } else {
    choose_model(view, ui, std::min(200.0F, room), commands);
  }
  if (view.lab.has_document() && !narrow) {
    ImGui::SetCursorScreenPos({x + 204, from.y});
    if (icon_button("reads", Icon::sliders, say(text::header_reading_button),
                    {.look = Look::bare, .chosen = ui.reading.open}))
      ui.reading.open = !ui.reading.open;
  }
  if (view.lab.has_document() && width > 1140.0F) {
    const nn::Graph& graph = view.document().graph();
    const std::string words =
        tr(text::header_size, {{"n", graph.weight_count()}, {"millions", decimal(graph.multiply_adds() / 1e6, 1)}});
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {x + 256, from.y}, {x + 740, from.y + control}, 0,
                 colours().quiet, words);
  }
  ImGui::SetCursorScreenPos({tools, from.y});
  history_buttons(view, ui, line, commands);
  ImGui::SetCursorScreenPos({from.x + width - line.save_width - control - present - Metrics::kGap, from.y});
  if (!narrow) {
    present_button(ui);
    ImGui::SameLine(0, Metrics::kGap);
  }
  theme_button();
  ImGui::SameLine(0, Metrics::kGap);
  const std::string_view help = say(text::header_save_help);
  const ButtonOptions options{
      .icon = Icon::download, .tooltip = help, .enabled = view.lab.has_document(), .width = line.save_width};
  const bool pressed = narrow ? icon_button("save", Icon::download, help, options) : button("save", line.save, options);
  if (pressed) commands.push(document::command::SaveModel{});
}

}  // namespace weightroom::ui
