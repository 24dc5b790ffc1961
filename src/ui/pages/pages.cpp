// What the middle column shows: the layers, or one of the questions about them.
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {

#define STUDY(name) void name##_panel(const View& view, UiState& ui, CommandQueue& commands);
#include "studies/studies.inc"
#undef STUDY

namespace {

std::vector<Panel>& page_panels() {
  static std::vector<Panel> all{
#define STUDY(name) {#name, name##_panel},
#include "studies/studies.inc"
#undef STUDY
  };
  return all;
}

}  // namespace

const Panel& page_panel(std::string_view page) {
  const auto it = std::ranges::find(page_panels(), page, &Panel::name);
  CHECK(it != page_panels().end());
  return *it;
}

void add_page_panel(const Panel& panel) { page_panels().push_back(panel); }

void pages_panel(const View& view, UiState&, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const auto pages = studies::pages();
  std::vector<Text> titles;
  for (const studies::StudyDef& page : pages) titles.push_back(page.title);
  int chosen = static_cast<int>(&studies::page_of(view.document()) - pages.data());
  if (segmented("page", titles, chosen))
    commands.push(document::command::OpenPage{std::string(pages[static_cast<std::size_t>(chosen)].name)});
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto place = context().rects.find("page/" + std::to_string(i));
    if (!place) continue;
    note_rect("page/" + std::string(pages[i].name), place->from, place->to);
    if (ImGui::IsMouseHoveringRect(place->from, place->to)) tooltip(tr(pages[i].help));
  }
  ImGui::Dummy({0, 4.0F});
}

}  // namespace weightroom::ui
