// How the open model reads pictures and what its classes are called: a sheet over the columns, asked for or brought by
// a file that does not say it. Everything takes hold at once, so that the answer behind it shows what a choice does.
#include "document/reading.h"

#include <algorithm>
#include <array>

#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
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
    ui.reading.sizes = document::possible_sizes(*graph);
  }
  begin_row("Size");
  if (ui.reading.sizes.size() < 2) {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    const float control = theme().metrics.control;
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + 400, from.y + control}, 0, colours().ink,
                 times(width, height) + ", fixed by its layers");
    ImGui::Dummy({1, control});
    return;
  }
  std::vector<Option> options;
  int chosen = -1;
  for (const int size : ui.reading.sizes) {
    if (size == width && size == height) chosen = static_cast<int>(options.size());
    options.push_back({times(size, size), {}, true});
  }
  if (chosen < 0) {  // not a square
    chosen = static_cast<int>(options.size());
    options.push_back({times(width, height), {}, false});
  }
  if (!select("reading/size", options, chosen, 160.0F)) return;
  if (static_cast<std::size_t>(chosen) < ui.reading.sizes.size())
    commands.push(document::command::SetReading{.size = ui.reading.sizes[static_cast<std::size_t>(chosen)]});
}

std::string triple(const std::array<float, 3>& values, int channels) {
  std::string words;
  const auto count = static_cast<std::size_t>(channels);
  const bool same = std::all_of(values.begin(), values.begin() + channels, [&](float v) { return v == values[0]; });
  for (std::size_t i = 0; i < (same ? 1 : count); ++i)
    words += (i > 0 ? ", " : "") + decimal(static_cast<double>(values[i]));
  return words;
}

std::string formula(const nn::Model& model, std::string_view scale) {
  if (scale == "0-255") return "Each number is the colour's value, 0 to 255.";
  if (scale == "0-1") return "Each number is value / 255.";
  const int channels = model.graph->spec().input[0];
  return "Each number is (value / 255 − mean) / deviation.\nMean " + triple(model.preprocessing.mean, channels) +
         "\nDeviation " + triple(model.preprocessing.std, channels);
}

void choose_scale(const View& view, CommandQueue& commands) {
  const nn::Model& model = *view.document().model;
  const auto names = document::scale_names();
  std::vector<std::string_view> shown;
  for (const std::string_view name : names) {
    shown.push_back(name == "imagenet" ? "ImageNet"
                    : name == "0-1"    ? "0 to 1"
                    : name == "-1-1"   ? "−1 to 1"
                                       : "0 to 255");
  }
  const auto scale = document::scale_of(model);
  if (!scale) shown.push_back("Its own");
  int chosen = static_cast<int>(scale.value_or(names.size()));
  begin_row("Numbers");
  if (segmented("reading/scale", shown, chosen) && static_cast<std::size_t>(chosen) < names.size())
    commands.push(document::command::SetReading{.scale = std::string(names[static_cast<std::size_t>(chosen)])});
  note(formula(model, scale ? names[*scale] : ""));
}

void choose_order(const View& view, CommandQueue& commands) {
  const nn::Preprocessing& reading = view.document().model->preprocessing;
  if (view.document().graph().spec().input[0] == 3) {
    constexpr std::array<std::string_view, 2> kOrders{"Red, green, blue", "Blue, green, red"};
    int chosen = reading.bgr ? 1 : 0;
    begin_row("Colours");
    if (segmented("reading/order", kOrders, chosen))
      commands.push(document::command::SetReading{.order = chosen == 1 ? "bgr" : "rgb"});
    return;
  }
  bool on = reading.invert;
  begin_row("Light");
  if (toggle("reading/invert", "Dark and light exchanged", on,
             "For models that learned light things on a dark ground: pictures of yours are inverted."))
    commands.push(document::command::SetReading{.invert = on});
}

std::string class_words(const nn::Model& model) {
  const std::string count = grouped(model.labels.size());
  bool numbered = true;
  for (std::size_t i = 0; i < model.labels.size() && numbered; ++i)
    numbered = model.labels[i] == "class " + std::to_string(i);
  if (numbered) return count + " without names";
  std::string words = count + ": ";
  for (std::size_t i = 0; i < std::min<std::size_t>(model.labels.size(), 12); ++i)
    words += (i > 0 ? ", " : "") + model.labels[i];
  return words;
}

void choose_labels(const View& view, UiState& ui) {
  constexpr float kButton = 120.0F;
  const auto& model = view.document().model;
  if (ui.reading.classes_of.lock() != model) {
    ui.reading.classes_of = model;
    ui.reading.classes = class_words(*model);
  }
  begin_row("Classes");
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float room = ImGui::GetContentRegionAvail().x - kButton - Metrics::kGap;
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + room, from.y + theme().metrics.control}, 0,
               colours().ink, shortened(ui.reading.classes, room, fonts().body));
  ImGui::SetCursorScreenPos({from.x + room + Metrics::kGap, from.y});
  if (button("reading/labels", "From a file",
             {.tooltip = "A text file with the classes' names in order, one a line. It may be dropped here too.",
              .width = kButton}))
    context().requests.choose_labels = true;
}

std::string opening_words(const lab::OpenReport& opened) {
  if (!opened.guessed_reading && !opened.guessed_labels) return {};
  const std::string what = !opened.guessed_labels   ? "how pictures become numbers"
                           : opened.guessed_reading ? "how pictures become numbers or what its classes are called"
                                                    : "what its classes are called";
  return "The file does not say " + what + ". Choose what it was trained with: the answer follows at once.";
}

void draw_sheet_of(const View& view, UiState& ui, CommandQueue& commands) {
  Card card("reading", "How " + view.document().model->name + " reads a picture",
            theme().metrics.control + Metrics::kGap);
  card.begin_trailing();
  ImGui::Dummy({Metrics::kGap, 0});
  ImGui::SameLine(0, 0);
  if (icon_button("reading/close", Icon::close, "Close (Escape)", {.look = Look::bare})) ui.reading.open = false;
  card.end_trailing();
  if (const std::string words = opening_words(view.lab.opened()); !words.empty()) text(words, Role::quiet, true);
  choose_size(view, ui, commands);
  choose_scale(view, commands);
  choose_order(view, commands);
  choose_labels(view, ui);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float control = theme().metrics.control;
  constexpr float kDone = 96.0F;
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {from.x, from.y + 4}, {from.x + 300, from.y + 4 + control}, 0,
               colours().quiet, "Saved with the model.");
  ImGui::SetCursorScreenPos({from.x + card.width() - kDone, from.y + 4});
  if (button("reading/done", "Done", {.look = Look::primary, .width = kDone})) ui.reading.open = false;
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
  const float left = folded() ? (window.x - width - 8.0F) / 2 : std::min(352.0F, window.x - width - 352.0F);
  ImGui::SetNextWindowPos({left, theme().metrics.control + 20.0F});
  ImGui::SetNextWindowSize({width + 8.0F, 0.0F});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {4, 4});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
  const bool shown = ImGui::Begin("reading##sheet", nullptr,
                                  ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground |
                                      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  ImGui::PopStyleVar(2);
  if (shown) {
    ImGui::GetWindowDrawList()->PushClipRectFullScreen();  // the sheet's shadow
    draw_sheet_of(view, ui, commands);
    ImGui::GetWindowDrawList()->PopClipRect();
  }
  ImGui::End();
  const bool listed = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false) && !listed) ui.reading.open = false;
}

}  // namespace weightroom::ui
