// The page Accuracy: how often the model is right on a labelled set, and how every edit moves that.
#include "ui/pages/accuracy.h"

#include <algorithm>
#include <cmath>

#include <strings/accuracy.h>

#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// A number with its name above and its change below.
void figure(std::string_view id, const std::string& name, const std::string& value, const std::string& change,
            ImU32 colour, float width, std::string_view help) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().body);
  const float tall = font_height(fonts().display);
  draw_text(list, fonts().body, from, colours().quiet, name);
  draw_text(list, fonts().display, {from.x, from.y + line}, colours().ink, value);
  draw_text(list, fonts().body, {from.x, from.y + line + tall + 2.0F}, colour, change);
  ImGui::Dummy({width, 2 * line + tall + 4.0F});
  note_item(id);
  tooltip(help);
}

// "+1.2 points", "unchanged"; warm where it is for the better.
struct Moved {
  std::string words;
  ImU32 colour = 0;
};
enum class Unit { none, points };
Moved moved(double by, double least, int digits, Unit unit, bool more_is_better) {
  if (!std::isfinite(by)) return {"", colours().quiet};
  if (std::abs(by) < least) return {tr(text::accuracy_unmoved), colours().quiet};
  const std::string number = (by > 0.0 ? "+" : "") + decimal(by, digits);
  return {unit == Unit::points ? tr(text::accuracy_moved_points, {{"change", number}}) : number,
          (by > 0.0) == more_is_better ? colours().rise : colours().fall};
}

std::string number_or_dash(double value, int digits) { return std::isfinite(value) ? decimal(value, digits) : "–"; }

void draw_figures(const View& view, float width) {
  const studies::Measure& measure = view.lab.engine().measure();
  const bool compare = view.document().view.compare && measure.unedited() != nullptr;
  const studies::Evaluation& now = compare ? *measure.unedited() : measure.now();
  const studies::Evaluation* before = measure.unedited();
  const bool known = now.count > 0 && before != nullptr;
  const float each = width / 3.0F;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const auto place = [&](int k) { ImGui::SetCursorScreenPos({from.x + each * static_cast<float>(k), from.y}); };
  const auto right = std::lround(now.top1 * static_cast<double>(now.count));
  const Moved accuracy = known ? moved(100.0 * (now.top1 - before->top1), 0.0005, 1, Unit::points, true) : Moved{};
  place(0);
  figure("accuracy/top1", tr(text::accuracy_accuracy), known ? percent(now.top1) : "–", accuracy.words, accuracy.colour,
         each, tr(text::accuracy_accuracy_help, {{"right", right}, {"all", now.count}}));
  const Moved loss = known ? moved(now.loss - before->loss, 0.0005, 3, Unit::none, false) : Moved{};
  place(1);
  figure("accuracy/loss", tr(text::accuracy_loss), known ? number_or_dash(now.loss, 3) : "–", loss.words, loss.colour,
         each, tr(text::accuracy_loss_help));
  const Moved calibration =
      known ? moved(100.0 * (now.calibration - before->calibration), 0.05, 1, Unit::points, false) : Moved{};
  place(2);
  figure("accuracy/calibration", tr(text::accuracy_calibration), known ? percent(now.calibration) : "–",
         calibration.words, calibration.colour, each, tr(text::accuracy_calibration_help));
}

void draw_time(const View& view, float width) {
  const studies::Measure& measure = view.lab.engine().measure();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float line = font_height(fonts().body);
  if (measure.pending()) {
    ImGui::SetCursorScreenPos({from.x, from.y + line / 2 - 3.0F});
    progress_bar("accuracy/progress", measure.progress(), width);
    ImGui::SetCursorScreenPos(from);
    ImGui::Dummy({width, line});
    return;
  }
  const double whole = measure.spared() < 1.0 ? 1.0 - measure.spared() : 0.0;
  const std::string ms = decimal(measure.ms(), 0);
  text(measure.spared() > 0.01 ? tr(text::accuracy_measured_part, {{"ms", ms}, {"share", percent(whole)}})
                               : tr(text::accuracy_measured, {{"ms", ms}}),
       Role::quiet, true);
}

void draw_summary(const View& view, UiState& ui, CommandQueue& commands) {
  const document::PictureSet& set = *view.document().labelled;
  const studies::Measure& measure = view.lab.engine().measure();
  Card card("accuracy",
            set.opened && set.name.find(' ') == std::string::npos
                ? tr(text::accuracy_on_set, {{"n", set.images.count()}, {"set", set.name}})
                : tr(text::accuracy_on_named, {{"set", set.name}}),
            theme().metrics.control + 92.0F);
  card.begin_trailing();
  if (button("accuracy/classes", say(text::accuracy_classes),
             {.tooltip = say(text::accuracy_classes_help), .chosen = ui.mapping_classes, .width = 88.0F}))
    ui.mapping_classes = !ui.mapping_classes;
  ImGui::SameLine(0, 4.0F);
  if (icon_button("accuracy/close", Icon::close, say(text::accuracy_close), {.look = Look::bare}))
    commands.push(document::command::CloseSet{});
  card.end_trailing();
  if (!measure.open()) {
    text(say(text::accuracy_no_class), Role::danger, true);
    return;
  }
  draw_figures(view, card.width());
  draw_time(view, card.width());
  if (measure.now().unanswered > 0) {
    text(tr(text::accuracy_unanswered, {{"n", measure.now().unanswered}}), Role::danger, true);
  }
}

// Which class of the set is which of the model's.
void draw_classes(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const document::PictureSet& set = *document.labelled;
  const Card card("classes", say(text::accuracy_classes_card));
  const std::vector<int> counts = set.class_counts();
  const float width = card.width();
  const float height = theme().metrics.control;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const ImVec2 from = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_text_in(list, fonts().body, from, {from.x + width * 0.4F, from.y + height}, 0.0F, colours().ink,
                 shortened(set.images.class_names[k], width * 0.4F, fonts().body));
    draw_text_in(list, fonts().body, {from.x + width * 0.4F, from.y}, {from.x + width * 0.5F, from.y + height}, 1.0F,
                 colours().quiet, grouped(static_cast<std::size_t>(counts[k])));
    ImGui::SetCursorScreenPos({from.x + width * 0.5F + 2 * Metrics::kGap, from.y});
    const int now = document.class_of[k];
    const auto options = [&] {
      std::vector<Option> all{{.label = tr(text::accuracy_no_match)}};
      for (const std::string& label : document.model->labels) all.push_back({.label = label});
      return all;
    };
    int chosen = now + 1;
    if (select("class_of/" + std::to_string(k), now < 0 ? tr(text::accuracy_no_match) : class_label(document, now),
               options, chosen, width * 0.5F - 2 * Metrics::kGap)) {
      commands.push(
          document::command::MapClass{set.images.class_names[k], chosen == 0 ? "" : std::to_string(chosen - 1)});
    }
  }
}

// What stands between these two heights, for so many frames: what has just been opened is laid out within a few.
void bring_into_sight(int& frames, float top, float bottom) {
  if (frames == 0) return;
  context().animating = true;
  --frames;
  const float window = ImGui::GetWindowPos().y;
  const float below = bottom - (window + ImGui::GetWindowHeight());
  const float by = below > 0.0F ? std::min(below, top - window) : std::min(0.0F, top - window);
  ImGui::SetScrollY(std::clamp(ImGui::GetScrollY() + by, 0.0F, ImGui::GetScrollMaxY()));
}

}  // namespace

void accuracy_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  if (!view.document().labelled) {
    return draw_invitation(view, commands, text::accuracy_invitation, text::accuracy_invitation_body);
  }
  draw_summary(view, ui, commands);
  if (ui.mapping_classes) draw_classes(view, commands);
  if (!view.lab.engine().measure().open()) return;
  draw_confusion(view, ui, commands);
  const float top = ImGui::GetCursorScreenPos().y;
  draw_cell_pictures(view, ui, commands);
  bring_into_sight(ui.reveal_cell, top, ImGui::GetCursorScreenPos().y);
  draw_reliability(view);
}

}  // namespace weightroom::ui
