// The line at the foot: model and fingerprint, edits, time of the last forward pass, the promise, and the version.
#include <cmath>

#include <strings/edits.h>
#include <strings/status.h>

#include "base/version.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kApart = 28.0F;  // between two parts

std::string loading_words(const std::string& file, double share) {
  if (share < 0.0) return tr(text::status_loading, {{"file", file}});
  return tr(text::status_loading_share, {{"file", file}, {"share", percent_done(share)}});
}

// On the open labelled set, with the change in points since the unedited model.
void draw_accuracy(const View& view, const auto& part) {
  const studies::Measure& measure = view.lab.engine().measure();
  if (!measure.open() || measure.unedited() == nullptr || measure.now().count == 0) return;
  const double by = 100.0 * (measure.now().top1 - measure.unedited()->top1);
  const std::string accuracy = percent(measure.now().top1);
  const std::string points = (by > 0.0 ? "+" : "") + decimal(by, 1);
  part("accuracy_now",
       std::abs(by) < 0.05 ? tr(text::status_accuracy, {{"accuracy", accuracy}})
                           : tr(text::status_accuracy_change, {{"accuracy", accuracy}, {"points", points}}),
       text::status_accuracy_help);
}

}  // namespace

void status_panel(const View& view, UiState& ui, CommandQueue&) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 to{from.x + width, from.y + 28.0F};
  const bool narrow = narrow_window();
  float x = from.x;
  const auto part = [&](const char* id, const std::string& words, Text help) {
    const float size = text_size(words, fonts().body).x;
    draw_text_in(list, fonts().body, {x, from.y}, {x + size + 1, to.y}, 0, colours().quiet, words);
    ImGui::SetCursorScreenPos({x, from.y});
    ImGui::PushID(id);
    ImGui::InvisibleButton("part", {size, to.y - from.y});
    ImGui::PopID();
    note_item(id);
    tooltip(say(help));
    x += size + kApart;
  };
  if (view.lab.has_document()) {
    const document::Document& document = view.document();
    const std::string& print = view.results().fingerprint;
    part("fingerprint", document.model->name + " " + (print.empty() ? "…" : print.substr(0, 8)),
         text::status_fingerprint_help);
    const std::size_t edits = document.edit.steps.size();
    const bool back = edits > 0 && print == view.results().loaded_fingerprint && document.edit.off.empty();
    part("edit_count", tr(back ? text::status_edits_back : text::edits_count, {{"n", edits}}), text::status_edits_help);
    draw_accuracy(view, part);
    if (view.answered() && !narrow) {
      part("forward_time", tr(text::status_forward_time, {{"milliseconds", decimal(view.results().forward_ms, 1)}}),
           text::status_forward_time_help);
    }
  }
  if (!view.lab.loading().empty())
    part("loading", loading_words(view.lab.loading().front(), ui.load_share), text::status_loading_help);
  if (narrow) return;  // there it is told in a banner
  if (!view.lab.notice().empty()) part("notice", view.lab.notice(), text::status_notice_help);
  const std::string version = tr(text::status_version, {{"version", base::version()}});
  const ImVec2 version_at{to.x - text_size(version, fonts().body).x - 1, from.y};
  draw_text_in(list, fonts().body, version_at, to, 0, colours().quiet, version);
  note_rect("version", version_at, to);
  draw_text_in(list, fonts().body, from, {version_at.x - kApart, to.y}, 1.0F, colours().quiet,
               say(text::status_promise));
}

}  // namespace weightroom::ui
