// The line at the foot: model and fingerprint, edits, time of the last forward pass, and the promise.
#include <cmath>
#include <cstdio>

#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

std::string share_words(double share) {
  return share < 0.0 ? "" : ", " + std::to_string(static_cast<int>(100.0 * share)) + " %";
}

// On the open labelled set, with the change in points since the unedited model.
void draw_accuracy(const View& view, const auto& part) {
  const studies::Measure& measure = view.lab.engine().measure();
  if (!measure.open() || measure.unedited() == nullptr || measure.now().count == 0) return;
  const double by = 100.0 * (measure.now().top1 - measure.unedited()->top1);
  std::string words = "accuracy " + decimal(100.0 * measure.now().top1, 1) + " %";
  if (std::abs(by) >= 0.05) words += " (" + std::string(by > 0.0 ? "+" : "") + decimal(by, 1) + ")";
  part("accuracy_now", words,
       "Share of right answers on the open labelled set, and its change since the unedited model in points.");
}

}  // namespace

void status_panel(const View& view, UiState& ui, CommandQueue&) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 to{from.x + width, from.y + 28.0F};
  const bool narrow = folded();
  float x = from.x;
  const auto part = [&](const char* id, const std::string& words, const char* help) {
    const float size = text_size(words, fonts().body).x;
    draw_text_in(list, fonts().body, {x, from.y}, {x + size + 1, to.y}, 0, colours().quiet, words);
    ImGui::SetCursorScreenPos({x, from.y});
    ImGui::PushID(id);
    ImGui::InvisibleButton("part", {size, to.y - from.y});
    ImGui::PopID();
    note_item(id);
    tooltip(help);
    x += size + 28.0F;
  };
  if (view.lab.has_document()) {
    const document::Document& document = view.document();
    const std::string& print = view.results().fingerprint;
    part("fingerprint", document.model->name + " " + (print.empty() ? "..." : print.substr(0, 8)),
         "The model's fingerprint: SHA-256 of its graph and all its weights. Equal fingerprints, equal models.");
    const std::size_t edits = document.edit.steps.size();
    const bool back = edits > 0 && print == view.results().loaded_fingerprint && document.edit.off.empty();
    part("edit_count", std::to_string(edits) + (edits == 1 ? " edit" : " edits") + (back ? ", now as loaded" : ""),
         "Steps since the model was loaded, resets among them: each can be undone.");
    draw_accuracy(view, part);
    if (view.answered() && !narrow) {
      char words[48];
      std::snprintf(words, sizeof(words), "forward pass %.1f ms", view.results().forward_ms);
      part("forward_time", words, "Time of the last forward pass of the part of the model that had changed.");
    }
  }
  if (!view.lab.loading().empty())
    part("loading", "loading " + view.lab.loading().front() + share_words(ui.load_share),
         "A file of this page is on its way.");
  if (narrow) return;  // there it is told in a banner
  if (!view.lab.notice().empty()) part("notice", view.lab.notice(), "Of the picture that was opened last.");
  draw_text_in(list, fonts().body, {from.x, from.y}, to, 1.0F, colours().quiet, "Nothing leaves this page");
}

}  // namespace weightroom::ui
