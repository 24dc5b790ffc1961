#include "ui/panel.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::ui {

#define PANEL(name) void name##_panel(const View& view, UiState& ui, CommandQueue& commands);
#include "ui/panels.inc"
#undef PANEL

std::span<const Panel> panels() {
  static constexpr Panel kAll[] = {
#define PANEL(name) {#name, name##_panel},
#include "ui/panels.inc"
#undef PANEL
  };
  return kAll;
}

const Panel& panel(std::string_view name) {
  const auto all = panels();
  const auto it = std::ranges::find(all, name, &Panel::name);
  CHECK(it != all.end());
  return *it;
}

}  // namespace weightroom::ui
