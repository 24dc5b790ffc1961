// The line above everything: whose page this is, which model, saving, the theme.
#include <algorithm>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr float kCompare = 184.0F;  // width of the button

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
    options.push_back({models[i].name, models[i].title, true});
    options.back().name = models[i].name;
  }
  if (chosen < 0 && !now.empty()) {
    options.push_back(
        {now, view.document().model->title.empty() ? "opened from a file" : view.document().model->title, true});
    chosen = static_cast<int>(options.size()) - 1;
  }
  const std::size_t opens = options.size();
  options.push_back({"Open a model file", "ONNX, or saved from here", true});
  options.push_back({"How it reads pictures", "size, scale, colours, names of the classes", view.lab.has_document()});
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

// Undo, redo, hold to compare: in reach wherever the columns are scrolled to.
void history_buttons(const View& view, bool narrow, CommandQueue& commands) {
  const document::History& history = view.lab.history();
  if (icon_button("undo", Icon::undo, "Undo (Ctrl+Z)", {.look = Look::bare, .enabled = history.can_undo()})) {
    commands.push(document::command::Undo{});
  }
  ImGui::SameLine(0, 4);
  if (icon_button("redo", Icon::redo, "Redo (Ctrl+Y)", {.look = Look::bare, .enabled = history.can_redo()})) {
    commands.push(document::command::Redo{});
  }
  if (!view.lab.has_document()) return;
  ImGui::SameLine(0, Metrics::kGap);
  const bool comparing = view.document().view.compare;
  const bool held = hold_button("compare", narrow ? "" : "Hold to compare",
                                {.icon = Icon::compare,
                                 .tooltip = "While held, everything shows the model as it was loaded.",
                                 .enabled = view.document().edited() || comparing,
                                 .chosen = comparing,
                                 .width = narrow ? theme().metrics.control : kCompare});
  if (held != comparing)
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = {}, .seen = {}, .compare = held});
}

}  // namespace

void header_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const bool narrow = folded();
  draw_mark({from.x + 4, from.y + (control - 25) / 2});
  float x = from.x + 40;
  if (!narrow) {
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().title, {x, from.y}, {x + 140, from.y + control}, 0, colours().ink,
                 "Weightroom");
    x += 140;
  }
  const float save = narrow ? control : 150.0F;
  const float history = 2 * control + 4 + Metrics::kGap + (narrow ? control : kCompare);
  const float tools = from.x + width - save - control - history - 2 * Metrics::kGap;
  ImGui::SetCursorScreenPos({x, from.y});
  choose_model(view, ui, std::min(200.0F, tools - x - Metrics::kGap), commands);
  if (view.lab.has_document() && !narrow) {
    ImGui::SetCursorScreenPos({x + 204, from.y});
    if (icon_button("reads", Icon::sliders, "How the model reads pictures",
                    {.look = Look::bare, .chosen = ui.reading.open}))
      ui.reading.open = !ui.reading.open;
  }
  if (view.lab.has_document() && width > 1140.0F) {
    const nn::Graph& graph = view.document().graph();
    char words[96];
    std::snprintf(words, sizeof(words), "%s weights, %.1f million multiply-adds", grouped(graph.weight_count()).c_str(),
                  graph.multiply_adds() / 1e6);
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {x + 256, from.y}, {x + 740, from.y + control}, 0,
                 colours().quiet, words);
  }
  ImGui::SetCursorScreenPos({tools, from.y});
  history_buttons(view, narrow, commands);
  ImGui::SetCursorScreenPos({from.x + width - save - control - Metrics::kGap, from.y});
  const bool dark = theme().mode == Mode::dark;
  if (icon_button("theme", dark ? Icon::sun : Icon::moon, dark ? "Light theme" : "Dark theme", {.look = Look::bare})) {
    context().requests.theme = dark ? Mode::light : Mode::dark;
  }
  ImGui::SameLine(0, Metrics::kGap);
  const ButtonOptions options{.icon = Icon::download,
                              .tooltip = "Save the model with your edits as a safetensors file.",
                              .enabled = view.lab.has_document(),
                              .width = save};
  const bool pressed = narrow ? icon_button("save", Icon::download, "Save the model with your edits", options)
                              : button("save", "Save model", options);
  if (pressed) commands.push(document::command::SaveModel{});
}

}  // namespace weightroom::ui
