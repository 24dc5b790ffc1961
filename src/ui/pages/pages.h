#pragma once

#include <span>
#include <vector>

#include "studies/study.h"
#include "ui/panel.h"

namespace weightroom::ui {

[[nodiscard]] std::span<const studies::Group> page_groups();
[[nodiscard]] std::vector<const studies::StudyDef*> pages_of(studies::Group group);

// Where answer and kernel stand beside the page: whether the picture is shown in the page's place.
[[nodiscard]] bool shows_picture(const UiState& ui);

// Of the two rows above a page, which stay when it scrolls: the groups, and the pages of one.
[[nodiscard]] float page_tabs_height();
// The same as one list, where there is no height for rows.
void choose_page(const View& view, UiState& ui, float width, CommandQueue& commands);

}  // namespace weightroom::ui
