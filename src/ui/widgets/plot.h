#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <imgui.h>

namespace weightroom::ui {

// Lines over one axis, for people who would rather look than read.
struct PlotLine {
  std::string label{};
  ImU32 colour = 0;
  std::vector<double> x{};
  std::vector<double> y{};  // values that are no numbers break the line
  bool dashed = false;      // of what is there to compare with
};

// A place on the axis across: a line from top to bottom with its name at its top, and a ring where y is a number.
struct PlotMark {
  double x = 0.0;
  double y = 0.0;
  ImU32 colour = 0;
  std::string label{};
  std::string_view id{};  // of the foot of the line, on the axis
};

struct PlotAxes {
  double left = 0.0;
  double right = 1.0;
  double bottom = 0.0;
  double top = 1.0;
  std::string_view x_title{};
  std::string_view y_title{};
  std::span<const std::string> x_names{};  // of x = 0, 1, 2 ...: in place of numbers
  bool x_percent = false;
  bool y_percent = false;
  bool marks_points = false;  // a dot at every value
};

// As wide as the room. Under the pointer it reads out every line. True while it is pointed at.
bool plot(std::string_view id, std::span<const PlotLine> lines, const PlotAxes& axes, float height,
          std::span<const PlotMark> marks = {});
// Which line is which, in as many rows as it takes.
void plot_legend(std::span<const PlotLine> lines);

// Numbers to stand at an axis: at most `most` of them, evenly, round.
[[nodiscard]] std::vector<double> axis_ticks(double from, double to, int most);

// The i-th of the colours that lines are told apart by, for every kind of colour vision; they repeat after
// kLineColours.
inline constexpr int kLineColours = 6;
[[nodiscard]] ImU32 line_colour(int i);

}  // namespace weightroom::ui
