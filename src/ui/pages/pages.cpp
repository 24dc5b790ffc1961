// What the middle column shows: the layers, or one of the questions about them.
#include "ui/pages/pages.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <strings/picture.h>

#include "base/check.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/pages/page.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"

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

std::span<const studies::Group> page_groups() {
  static constexpr std::array kAll{studies::Group::look, studies::Group::why, studies::Group::change,
                                   studies::Group::measure, studies::Group::teach};
  return kAll;
}

std::vector<const studies::StudyDef*> pages_of(studies::Group group) {
  std::vector<const studies::StudyDef*> found;
  for (const studies::StudyDef& page : studies::pages()) {
    if (page.group == group) found.push_back(&page);
  }
  return found;
}

bool shows_picture(const UiState& ui) {
  return ui.picture_shown && (layout() == Layout::pair || layout() == Layout::low);
}

namespace {

void open(const studies::StudyDef& page, const View& view, UiState& ui, CommandQueue& commands) {
  ui.picture_shown = false;
  if (page.name != view.document().page) commands.push(document::command::OpenPage{std::string(page.name)});
}

// The page of this group that was open last, else its first.
const studies::StudyDef& page_to_open(const UiState& ui, studies::Group group) {
  const auto pages = pages_of(group);
  const auto last = ui.last_pages.find(group);
  for (const studies::StudyDef* page : pages) {
    if (last != ui.last_pages.end() && page->name == last->second) return *page;
  }
  return *pages.front();
}

void draw_groups(const View& view, UiState& ui, CommandQueue& commands) {
  const studies::Group now = studies::page_of(view.document()).group;
  const bool beside = layout() == Layout::pair;  // the picture is one of the things to look at
  std::vector<Text> titles;
  std::vector<std::string> names;
  int chosen = 0;
  if (beside) {
    titles.push_back(text::picture_title);
    names.emplace_back("picture");
  }
  for (const studies::Group group : page_groups()) {
    if (group == now && !shows_picture(ui)) chosen = static_cast<int>(titles.size());
    titles.push_back(studies::title_of(group));
    names.emplace_back(studies::name_of(group));
  }
  if (segmented("group", titles, chosen)) {
    const int group = chosen - (beside ? 1 : 0);
    ui.picture_shown = group < 0;
    if (group >= 0) open(page_to_open(ui, page_groups()[static_cast<std::size_t>(group)]), view, ui, commands);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto place = context().rects.find("group/" + std::to_string(i)))
      note_rect("group/" + names[i], place->from, place->to);
  }
}

}  // namespace

float page_tabs_height() { return layout() == Layout::low ? 0.0F : 2.0F * theme().metrics.control + Metrics::kGap; }

void pages_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.has_document() || layout() == Layout::low) return;
  const studies::StudyDef& now = studies::page_of(view.document());
  draw_groups(view, ui, commands);
  if (shows_picture(ui)) return;
  const auto pages = pages_of(now.group);
  std::vector<Tab> tabs;
  int chosen = -1;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (pages[i] == &now) chosen = static_cast<int>(i);
    tabs.push_back({pages[i]->name, tr(pages[i]->title), tr(pages[i]->help)});
  }
  if (tab_row("page", tabs, chosen)) open(*pages[static_cast<std::size_t>(chosen)], view, ui, commands);
}

void choose_page(const View& view, UiState& ui, float width, CommandQueue& commands) {
  if (!view.has_document()) return;
  std::vector<Option> options{{.label = tr(text::picture_title), .name = "picture"}};
  std::vector<const studies::StudyDef*> pages{nullptr};
  int chosen = 0;
  for (const studies::Group group : page_groups()) {
    bool first = true;
    for (const studies::StudyDef* page : pages_of(group)) {
      if (page->name == view.document().page && !shows_picture(ui)) chosen = static_cast<int>(options.size());
      options.push_back({.label = tr(page->title), .name = std::string(page->name)});
      if (std::exchange(first, false)) options.back().heading.label = tr(studies::title_of(group));
      pages.push_back(page);
    }
  }
  if (!select("page", options, chosen, width)) return;
  if (const studies::StudyDef* page = pages[static_cast<std::size_t>(chosen)]; page != nullptr) {
    open(*page, view, ui, commands);
  } else {
    ui.picture_shown = true;
  }
}

}  // namespace weightroom::ui
