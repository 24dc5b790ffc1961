// The page Edit: one operation on many weights at once, and switching channels and activation functions off.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/accuracy.h>
#include <strings/edit_page.h>

#include "edit/operation.h"
#include "ui/context.h"
#include "ui/pages/part.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr std::string_view kAccuracyPage = "accuracy";

const edit::OperationDef& operation_of(const UiState& ui) { return *edit::find_operation(ui.change.operation); }

base::Params& params_of(UiState& ui) {
  const edit::OperationDef& operation = operation_of(ui);
  base::Params& params = ui.change.params[ui.change.operation];
  for (const base::ParamSpec& spec : operation.params) params.try_emplace(std::string(spec.name), spec.fallback);
  return params;
}

void push_change(const View& view, UiState& ui, CommandQueue& commands, bool preview, bool again) {
  const edit::OperationDef& operation = operation_of(ui);
  commands.push(document::command::Change{.operation = ui.change.operation,
                                          .on = part_text(view.document(), ui),
                                          .from = operation.takes_source ? ui.change.source : "",
                                          .params = params_of(ui),
                                          .chosen = {},
                                          .preview = preview,
                                          .again = again});
}

void choose_operation(UiState& ui, float width) {
  const auto all = edit::operations();
  std::vector<Option> options;
  int chosen = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    options.push_back({.label = tr(all[i].title), .detail = tr(all[i].summary)});
    if (all[i].name == ui.change.operation) chosen = static_cast<int>(i);
  }
  if (select("change/operation", options, chosen, width))
    ui.change.operation = std::string(all[static_cast<std::size_t>(chosen)].name);
}

void choose_part(const View& view, UiState& ui, float width) {
  std::vector<Option> options;
  for (int part = 0; part < kParts; ++part) {
    const std::string words = part_words(view.document(), ui, part);
    options.push_back({.label = words.empty() ? tr(kPartNames[static_cast<std::size_t>(part)]) : words,
                       .detail = words.empty() ? tr(kPartHelp[static_cast<std::size_t>(part)]) : std::string(),
                       .enabled = !words.empty()});
  }
  (void)select("change/part", options, ui.change.part, width);
}

std::string shown_value(const base::ParamSpec& spec, double value) {
  if (spec.name == "share") return percent(value, 0);
  return {};
}

// A slider previews while it is dragged, and goes on with the step it made when it is taken up again.
void draw_slider(const View& view, UiState& ui, CommandQueue& commands, const base::ParamSpec& spec, double& value,
                 float width) {
  const std::string help = tr(spec.summary);
  SliderOptions options{.minimum = spec.minimum,
                        .maximum = spec.maximum,
                        .integer = spec.integer,
                        .shown = shown_value(spec, value),
                        .help = help,
                        .signed_ = spec.minimum < 0.0,
                        .width = width};
  const Change change = slider("change/param/" + std::string(spec.name), tr(spec.title), value, options);
  if (spec.integer) value = std::round(value);
  if (spec.name == "share") value = std::round(value * 1000.0) / 1000.0;
  if (change) push_change(view, ui, commands, !change.commit, true);
}

// Words to choose from, of up to two parameters beside each other.
void draw_choices(UiState& ui) {
  const edit::OperationDef& operation = operation_of(ui);
  base::Params& params = params_of(ui);
  const auto count =
      std::ranges::count_if(operation.params, [](const base::ParamSpec& s) { return !s.choices.empty(); });
  const float room = ImGui::GetContentRegionAvail().x;
  const bool together = count == 2 && room > 480.0F;
  const float width = together ? (room - Metrics::kGap) / 2 : room;
  int drawn = 0;
  for (const base::ParamSpec& spec : operation.params) {
    if (spec.choices.empty()) continue;
    if (together && drawn++ > 0) ImGui::SameLine(0, Metrics::kGap);
    std::vector<std::string> words;
    for (const base::ParamChoice& choice : spec.choices) words.push_back(tr(choice.title));
    const std::vector<std::string_view> labels(words.begin(), words.end());
    double& value = params.find(spec.name)->second;
    int chosen = static_cast<int>(value);
    ImGui::BeginGroup();
    text_fitted(tr(spec.summary), width, Role::quiet);
    if (segmented("change/param/" + std::string(spec.name), labels, chosen, width)) value = chosen;
    ImGui::EndGroup();
  }
}

void draw_sliders(const View& view, UiState& ui, CommandQueue& commands, float width) {
  base::Params& params = params_of(ui);
  for (const base::ParamSpec& spec : operation_of(ui).params) {
    if (spec.choices.empty()) draw_slider(view, ui, commands, spec, params.find(spec.name)->second, width);
  }
}

// Where the weights come from, of operations that take a second part.
void draw_source(const View& view, UiState& ui, float width) {
  const std::string part = part_text(view.document(), ui);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  constexpr float kButton = 132.0F;
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from,
               {from.x + width - kButton - Metrics::kGap, from.y + theme().metrics.control}, 0.0F, colours().ink,
               shortened(ui.change.source.empty() ? tr(text::edit_page_choose_source)
                                                  : tr(text::edit_page_source, {{"part", ui.change.source}}),
                         width - kButton - Metrics::kGap, fonts().body));
  ImGui::SetCursorScreenPos({from.x + width - kButton, from.y});
  if (button("change/remember", say(text::edit_page_remember),
             {.tooltip = say(text::edit_page_remember_help), .enabled = !part.empty(), .width = kButton}))
    ui.change.source = part;
}

// How far it reaches, and what the last step did.
void draw_reach(const View& view, const UiState& ui, float width) {
  if (view.lab.change_progress() >= 0.0) {
    text(say(text::edit_page_finding), Role::quiet);
    progress_bar("change/progress", view.lab.change_progress(), width);
    return;
  }
  const std::size_t count = part_count(view.document(), ui);
  const std::string summary = tr(operation_of(ui).summary);
  text(count == 0 ? summary : summary + " " + tr(text::edit_page_reach, {{"n", count}}), Role::quiet, true);
}

bool is_off(const document::Document& document, document::Off what) {
  return std::ranges::find(document.edit.off, what) != document.edit.off.end();
}

// The channel of the selected weight, and the activation function behind the layer.
void draw_switches(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const int layer = document.selection.layer;
  const auto& nodes = document.graph().nodes();
  const std::string& name = nodes[static_cast<std::size_t>(layer)].name;
  bool any = false;
  if (document::has_channels(document.graph(), layer)) {
    const int channel = lit_channel(document);
    if (channel >= 0) {
      bool on = !is_off(document, {layer, channel});
      if (toggle("switch/channel", tr(text::edit_page_channel, {{"channel", channel}, {"layer", name}}), on,
                 say(text::edit_page_channel_help)))
        commands.push(document::command::Switch{layer, channel, on});
      any = true;
    }
  }
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (nodes[i].inputs.front() != layer || !document::is_activation(document.graph(), static_cast<int>(i))) continue;
    if (any) ImGui::SameLine(0, 2 * Metrics::kGap);
    bool on = !is_off(document, {static_cast<int>(i), -1});
    if (toggle("switch/activation", nodes[i].name, on, say(text::edit_page_activation_help)))
      commands.push(document::command::Switch{static_cast<int>(i), -1, on});
    break;
  }
}

// Accuracy with the loaded weights and with those in use; where there is no set, the way to one.
void draw_accuracy_beside(const View& view, float width, CommandQueue& commands) {
  const studies::Measure& measure = view.lab.engine().measure();
  if (view.lab.set_progress() >= 0.0) return text(say(text::accuracy_reading), Role::quiet);
  if (!measure.open()) {
    if (link("change/measure", say(text::edit_page_measure)))
      commands.push(document::command::OpenPage{std::string(kAccuracyPage)});
    return;
  }
  const studies::Evaluation* loaded = measure.unedited();
  const bool known = loaded != nullptr && measure.now().count > 0;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float line = font_height(fonts().body);
  const std::string words = tr(text::edit_page_accuracy, {{"loaded", known ? percent(loaded->top1) : "…"},
                                                          {"now", known ? percent(measure.now().top1) : "…"}});
  ImGui::Dummy({width, line});
  note_item("change/accuracy");
  tooltip(tr(text::edit_page_accuracy_help,
             {{"n", known ? measure.now().count : 0}, {"set", view.document().labelled->name}}));
  const double by = known ? measure.now().top1 - loaded->top1 : 0.0;
  const ImU32 colour = by > 0.0005 ? colours().rise : by < -0.0005 ? colours().fall : colours().ink;
  draw_text(*ImGui::GetWindowDrawList(), fonts().strong, from, colour, shortened(words, width, fonts().strong));
}

// The sliders with the accuracy beside them, or below where there is no room.
void draw_params(const View& view, UiState& ui, CommandQueue& commands, float width) {
  constexpr float kAccuracy = 248.0F;
  constexpr float kRoom = 480.0F;
  const bool slides =
      std::ranges::any_of(operation_of(ui).params, [](const base::ParamSpec& spec) { return spec.choices.empty(); });
  if (!slides || width < kRoom) {
    draw_sliders(view, ui, commands, width);
    draw_accuracy_beside(view, width, commands);
  } else {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    draw_sliders(view, ui, commands, width - kAccuracy);
    const ImVec2 after = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({from.x + width - kAccuracy + 2 * Metrics::kGap, from.y + font_height(fonts().body) / 2});
    draw_accuracy_beside(view, kAccuracy - 2 * Metrics::kGap, commands);
    ImGui::SetCursorScreenPos(after);
  }
  draw_choices(ui);
}

void draw_change(const View& view, UiState& ui, CommandQueue& commands) {
  const Card card("change", say(text::edit_page_card));
  const float half = (card.width() - Metrics::kGap) / 2;
  if (part_words(view.document(), ui, ui.change.part).empty()) ui.change.part = kPartLayer;
  choose_part(view, ui, half);
  ImGui::SameLine(0, Metrics::kGap);
  choose_operation(ui, half);
  draw_reach(view, ui, card.width());
  if (operation_of(ui).takes_source) draw_source(view, ui, card.width());
  draw_params(view, ui, commands, card.width());
  const bool ready = !operation_of(ui).takes_source || !ui.change.source.empty();
  if (button("change/apply", tr(operation_of(ui).title),
             {.look = Look::primary, .tooltip = tr(text::edit_page_apply_help), .enabled = ready, .width = half}))
    push_change(view, ui, commands, false, false);
  const std::string draw = tr(text::edit_page_draw);
  if (toggle_width(draw) <= half) ImGui::SameLine(0, Metrics::kGap);
  if (toggle("change/draw", draw, ui.change.drawing, say(text::edit_page_draw_help)))
    ui.change.missed = UiState::Change::Missed::nothing;
  if (ui.change.missed != UiState::Change::Missed::nothing) {
    text(say(ui.change.missed == UiState::Change::Missed::moved ? text::edit_page_drag_moved
                                                                : text::edit_page_drag_outside),
         Role::body, true);
    note_item("change/missed");
  }
  draw_switches(view, commands);
}

}  // namespace

void edit_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (view.lab.has_document()) draw_change(view, ui, commands);
  panel("weight_wall").draw(view, ui, commands);
}

}  // namespace weightroom::ui
