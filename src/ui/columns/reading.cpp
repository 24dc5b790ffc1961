// How the open model reads pictures and what its classes are called: a sheet over the columns, asked for or brought by
// a file that does not say it. Everything takes hold at once, so that the answer behind it shows what a choice does.
#include "document/reading.h"

#include <algorithm>
#include <array>

#include <strings/action.h>
#include <strings/labels.h>
#include <strings/list.h>
#include <strings/reading.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/number_cell.h"
#include "ui/widgets/scroll_hint.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kWidth = 460.0F;
constexpr float kLabels = 92.0F;  // width of the rows' names

std::string times(int width, int height) { return std::to_string(width) + " × " + std::to_string(height); }

// The row's name; the cursor is left where its control goes.
void begin_row(std::string_view name) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + kLabels, from.y + theme().metrics.control}, 0,
               colours().quiet, name);
  ImGui::SetCursorScreenPos({from.x + kLabels, from.y});
}

void note(std::string_view words) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({from.x + kLabels, from.y - 2.0F});
  text(words, Role::quiet, true);
}

void choose_size(const View& view, UiState& ui, CommandQueue& commands) {
  const auto& graph = view.document().model->graph;
  const int height = graph->spec().input[1];
  const int width = graph->spec().input[2];
  if (ui.reading.sizes_of != graph) {
    ui.reading.sizes_of = graph;
    ui.reading.sizes = document::PossibleSizes(*graph);
  }
  // One a frame, and none in a frame that has other work: of a net of thousands of layers each takes a while.
  if (!ui.reading.sizes.complete()) {
    if (view.results().current) ui.reading.sizes.try_next(*graph);
    context().animating = true;
  }
  begin_row(say(text::reading_size));
  const std::vector<int>& sizes = ui.reading.sizes.found();
  if (sizes.size() < 2) {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    const float control = theme().metrics.control;
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + 400, from.y + control}, 0, colours().ink,
                 ui.reading.sizes.complete() ? tr(text::reading_size_fixed, {{"size", times(width, height)}})
                                             : times(width, height));
    ImGui::Dummy({1, control});
    return;
  }
  std::vector<Option> options;
  int chosen = -1;
  for (const int size : sizes) {
    if (size == width && size == height) chosen = static_cast<int>(options.size());
    options.push_back({times(size, size), {}, true});
  }
  if (chosen < 0) {  // not a square
    chosen = static_cast<int>(options.size());
    options.push_back({times(width, height), {}, false});
  }
  if (!select("reading/size", options, chosen, 160.0F)) return;
  if (static_cast<std::size_t>(chosen) < sizes.size())
    commands.push(document::command::SetReading{.size = sizes[static_cast<std::size_t>(chosen)]});
}

std::string_view formula(std::string_view scale) {
  return say(scale == "0-255" ? text::reading_formula_255
             : scale == "0-1" ? text::reading_formula_1
                              : text::reading_formula_mean);
}

// One number a channel of the tensor, in its order.
std::optional<std::vector<float>> numbers(std::string_view id, std::string_view name, std::span<const float> values,
                                          CommandQueue& commands) {
  begin_row(name);
  std::optional<std::vector<float>> changed;
  const float room = ImGui::GetContentRegionAvail().x;
  const float width = std::min(104.0F, (room - 2 * Metrics::kGap) / 3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) ImGui::SameLine(0, Metrics::kGap);
    const auto typed = number_field(std::string(id) + "/" + std::to_string(i), static_cast<double>(values[i]),
                                    {width, theme().metrics.control});
    if (!typed) continue;
    const auto value = nn::parse_number(*typed);
    if (!value) {
      commands.report(value.error().message());
      continue;
    }
    changed.emplace(values.begin(), values.end());
    (*changed)[i] = *value;
  }
  return changed;
}

std::string_view scale_title(std::string_view name) {
  if (name == "imagenet") return "ImageNet";
  return say(name == "0-1"    ? text::reading_scale_0_1
             : name == "-1-1" ? text::reading_scale_1_1
                              : text::reading_scale_0_255);
}

void choose_scale(const View& view, CommandQueue& commands) {
  const nn::Model& model = *view.document().model;
  const auto names = document::scale_names();
  std::vector<std::string_view> titles;
  for (const std::string_view name : names) titles.push_back(scale_title(name));
  const auto scale = document::scale_of(model);
  if (!scale) titles.push_back(say(text::reading_scale_own));
  int chosen = static_cast<int>(scale.value_or(names.size()));
  begin_row(say(text::reading_numbers));
  if (segmented("reading/scale", titles, chosen) && static_cast<std::size_t>(chosen) < names.size())
    commands.push(document::command::SetReading{.scale = std::string(names[static_cast<std::size_t>(chosen)])});
  note(formula(scale ? names[*scale] : ""));
  const auto channels = static_cast<std::size_t>(model.graph->spec().input[0]);
  const auto of = [&](const std::array<float, 3>& values) { return std::span(values).first(channels); };
  document::command::SetReading typed;
  typed.mean = numbers("reading/mean", say(text::reading_mean_row), of(model.preprocessing.mean), commands);
  typed.std = numbers("reading/std", say(text::reading_std_row), of(model.preprocessing.std), commands);
  if (typed.mean || typed.std) commands.push(typed);
}

void choose_order(const View& view, CommandQueue& commands) {
  const nn::Preprocessing& reading = view.document().model->preprocessing;
  if (view.document().graph().spec().input[0] == 3) {
    const std::array orders{say(text::reading_order_rgb), say(text::reading_order_bgr)};
    int chosen = reading.bgr ? 1 : 0;
    begin_row(say(text::reading_colours));
    if (segmented("reading/order", orders, chosen))
      commands.push(document::command::SetReading{.order = chosen == 1 ? "bgr" : "rgb"});
    return;
  }
  bool on = reading.invert;
  begin_row(say(text::reading_light));
  if (toggle("reading/invert", say(text::reading_invert), on, say(text::reading_invert_help)))
    commands.push(document::command::SetReading{.invert = on});
}

// As a file without names has its classes.
bool numbered(const nn::Model& model) {
  constexpr std::size_t kLooked = 1000;  // of very many the first tell
  for (std::size_t i = 0; i < std::min(model.labels.size(), kLooked); ++i)
    if (model.labels[i] != tr(text::labels_numbered, {{"number", std::to_string(i)}})) return false;
  return true;
}

std::string class_words(const nn::Model& model, bool without_names) {
  constexpr std::size_t kMost = 12;  // more than there is room for
  if (without_names) return tr(text::reading_classes_numbered, {{"n", model.labels.size()}});
  const auto some = std::span(model.labels).first(std::min(model.labels.size(), kMost));
  return tr(text::reading_classes_named,
            {{"n", model.labels.size()}, {"names", base::list_of(some, text::list_comma)}});
}

void choose_labels(const View& view, UiState& ui) {
  const auto& model = view.document().model;
  if (ui.reading.classes_of.lock() != model) {
    ui.reading.classes_of = model;
    ui.reading.numbered = numbered(*model);
  }
  begin_row(say(text::reading_classes));
  const std::string_view label = say(text::reading_labels);
  const std::string_view help = say(text::reading_labels_help);
  ButtonOptions options{.tooltip = help, .width = 120.0F};
  options.width = button_width(label, options);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float room = ImGui::GetContentRegionAvail().x - options.width - Metrics::kGap;
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + room, from.y + theme().metrics.control}, 0,
               colours().ink, shortened(class_words(*model, ui.reading.numbered), room, fonts().body));
  ImGui::SetCursorScreenPos({from.x + room + Metrics::kGap, from.y});
  if (button("reading/labels", label, options)) context().requests.choose_labels = true;
}

std::string opening_words(const lab::OpenReport& opened) {
  if (!opened.guessed_reading && !opened.guessed_labels) return {};
  const Text unknown = !opened.guessed_labels   ? text::reading_unknown_numbers
                       : opened.guessed_reading ? text::reading_unknown_both
                                                : text::reading_unknown_names;
  return tr(unknown) + " " + tr(text::reading_unknown_remedy);
}

void draw_sheet_of(const View& view, UiState& ui, CommandQueue& commands) {
  Card card("reading", tr(text::reading_title, {{"model", view.document().model->name}}),
            theme().metrics.control + Metrics::kGap);
  card.begin_trailing();
  ImGui::Dummy({Metrics::kGap, 0});
  ImGui::SameLine(0, 0);
  if (icon_button("reading/close", Icon::close, say(text::reading_close), {.look = Look::bare}))
    ui.reading.open = false;
  card.end_trailing();
  if (const std::string words = opening_words(view.lab.opened()); !words.empty()) text(words, Role::quiet, true);
  choose_size(view, ui, commands);
  choose_scale(view, commands);
  choose_order(view, commands);
  choose_labels(view, ui);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float control = theme().metrics.control;
  const std::string_view done = say(text::action_done);
  ButtonOptions options{.look = Look::primary, .width = 96.0F};
  options.width = button_width(done, options);
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {from.x, from.y + 4}, {from.x + 300, from.y + 4 + control}, 0,
               colours().quiet, say(text::reading_saved));
  ImGui::SetCursorScreenPos({from.x + card.width() - options.width, from.y + 4});
  if (button("reading/done", done, options)) ui.reading.open = false;
}

}  // namespace

void reading_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.has_document()) return;
  if (ui.reading.models != view.lab.models_opened()) {
    ui.reading.models = view.lab.models_opened();
    ui.reading.open = view.lab.opened().guessed_reading || view.lab.opened().guessed_labels;
  }
  if (!ui.reading.open) return;
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const float width = std::min(kWidth, window.x - 16.0F);
  // Over the network where there is room for it: picture and answer stay in sight.
  const float left =
      layout() != Layout::columns ? (window.x - width - 8.0F) / 2 : std::min(352.0F, window.x - width - 352.0F);
  const float top = theme().metrics.control + 20.0F;
  ImGui::SetNextWindowPos({left, top});
  ImGui::SetNextWindowSize({width + 8.0F, 0.0F});
  ImGui::SetNextWindowSizeConstraints({width + 8.0F, 0.0F}, {width + 8.0F, window.y - top});  // lower, it scrolls
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4, 4});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
  const bool shown = ImGui::Begin("reading##sheet", nullptr,
                                  ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground |
                                      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  ImGui::PopStyleVar(2);
  if (shown) {
    const bool scrolls = ImGui::GetScrollMaxY() > 0.0F;
    if (!scrolls) ImGui::GetWindowDrawList()->PushClipRectFullScreen();  // the sheet's shadow
    draw_sheet_of(view, ui, commands);
    if (!scrolls) ImGui::GetWindowDrawList()->PopClipRect();
    hint_at_more_below(colours().card);
  }
  ImGui::End();
  const bool listed = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false) && !listed) ui.reading.open = false;
}

}  // namespace weightroom::ui
