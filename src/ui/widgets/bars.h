#pragma once

#include <optional>
#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// A class with its probability: the bar now, the ghost of the unedited model, the change in points.
struct ClassBar {
  std::string_view label{};
  double share = 0.0;             // 0 .. 1
  std::optional<double> ghost{};  // of the unedited model; none: nothing was edited
  bool target = false;            // the class maps are of
  bool top = false;
  bool grey = false;  // it is no answer
};
// True when it was clicked. Height: one control.
[[nodiscard]] bool class_bar(std::string_view id, const ClassBar& bar);
// The same to be looked at alone.
void draw_class_bar(std::string_view id, const ClassBar& bar);

// A thin bar; progress below 0 moves without an end in sight.
void draw_progress(ImDrawList& list, ImVec2 from, ImVec2 to, double progress);
void progress_bar(std::string_view id, double progress, float width);
// Small, beside a line of text.
void progress_ring(double progress, float size = 18.0F);

}  // namespace weightroom::ui
