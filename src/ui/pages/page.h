#pragma once

#include <string_view>

#include "studies/study.h"
#include "ui/panel.h"

namespace weightroom::ui {

// What the middle column shows while a page is open: for STUDY(curves) of studies.inc that is curves_panel().
[[nodiscard]] const Panel& page_panel(std::string_view page);
// That of a page which studies::add_page() added.
void add_page_panel(const Panel& panel);

// Asks for what `change(choice)` makes of what the page has chosen.
template <class Choice, class Change>
void choose(const View& view, CommandQueue& commands, const Change& change) {
  commands.push(studies::choosing<Choice>(view.document(), change));
}

}  // namespace weightroom::ui
