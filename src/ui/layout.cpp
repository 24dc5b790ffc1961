#include "ui/layout.h"

#include <algorithm>

#include "ui/theme.h"

namespace weightroom::ui {
namespace {

constexpr float kThree = 1200.0F;  // narrower than this there is no room for three columns
constexpr float kTwo = 760.0F;     // for two
constexpr float kTwoLow = 560.0F;  // for two where one would be too low to be of use
constexpr float kLow = 480.0F;     // lower than this every line counts

ImVec2 window() { return ImGui::GetMainViewport()->Size; }

}  // namespace

Layout layout() {
  const ImVec2 size = window();
  if (size.y < kLow && size.x >= kTwoLow) return Layout::low;
  if (size.x >= kThree) return Layout::columns;
  return size.x >= kTwo ? Layout::pair : Layout::tabs;
}

float side_width() {
  switch (layout()) {
    case Layout::columns:
      return 340.0F;
    case Layout::pair:
      return 324.0F;
    case Layout::low:
      return std::clamp(window().x * 0.4F, 260.0F, 324.0F);
    case Layout::tabs:
      return window().x;
  }
  return 0.0F;
}

bool narrow_page() {
  constexpr float kLeast = 560.0F;
  const int sides = layout() == Layout::columns ? 2 : layout() == Layout::tabs ? 0 : 1;
  return window().x - static_cast<float>(sides) * side_width() < kLeast;
}

bool narrow_window() { return window().x < Metrics::kNarrow || layout() == Layout::low; }

}  // namespace weightroom::ui
