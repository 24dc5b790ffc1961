#include "ui/widgets/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings/base.h>
#include <strings/common.h>

#include "base/whole.h"
#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kDash = 6.0F;
constexpr float kSwatch = 18.0F;

// A place on an axis: below 0 too, and never "less than".
std::string in_percent(double share, int places) {
  return tr(text::base_percent, {{"value", decimal(100.0 * share, places)}});
}

std::string number(double value, bool percent, double step) {
  if (percent) return in_percent(value, step < 0.01 ? 1 : 0);
  const int digits = step >= 1.0 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  return decimal(value, digits);
}

// Where values lie on the screen.
struct PlotFrame {
  ImVec2 from;  // of the plot's field
  ImVec2 to;
  const PlotAxes& axes;

  [[nodiscard]] float x(double value) const {
    const double share = (value - axes.left) / (axes.right - axes.left);
    return from.x + static_cast<float>(share) * (to.x - from.x);
  }
  [[nodiscard]] float y(double value) const {
    const double share = (value - axes.bottom) / (axes.top - axes.bottom);
    return to.y - static_cast<float>(share) * (to.y - from.y);
  }
  [[nodiscard]] double value_at(float at) const {
    return axes.left + static_cast<double>((at - from.x) / (to.x - from.x)) * (axes.right - axes.left);
  }
};

void draw_dashed(ImDrawList& list, ImVec2 a, ImVec2 b, ImU32 colour, float& phase) {
  const float dx = b.x - a.x;
  const float dy = b.y - a.y;
  const float length = std::sqrt(dx * dx + dy * dy);
  for (float at = 0.0F; at < length;) {
    const float left = kDash - std::fmod(phase, kDash);
    const float end = std::min(length, at + left);
    const bool on = static_cast<int>(phase / kDash) % 2 == 0;
    if (on)
      list.AddLine({a.x + dx * at / length, a.y + dy * at / length}, {a.x + dx * end / length, a.y + dy * end / length},
                   colour, 2.0F);
    phase += end - at + 1e-3F;
    at = end + 1e-3F;
  }
}

void draw_line(ImDrawList& list, const PlotFrame& frame, const PlotLine& line, bool dots) {
  float phase = 0.0F;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    if (!std::isfinite(line.y[i])) continue;
    const ImVec2 at{frame.x(line.x[i]), frame.y(line.y[i])};
    if (dots) list.AddCircleFilled(at, 3.5F, line.colour, 16);
    if (i == 0 || !std::isfinite(line.y[i - 1])) continue;
    const ImVec2 before{frame.x(line.x[i - 1]), frame.y(line.y[i - 1])};
    if (line.dashed) {
      draw_dashed(list, before, at, line.colour, phase);
    } else {
      list.AddLine(before, at, line.colour, 2.0F);
    }
  }
}

// The left end of the axis' numbers makes room for the widest of them.
float draw_y_axis(ImDrawList& list, ImVec2 from, ImVec2 to, const PlotAxes& axes) {
  const auto ticks = axis_ticks(axes.bottom, axes.top, std::max(2, static_cast<int>((to.y - from.y) / 34.0F)));
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
  float widest = 0.0F;
  for (const double t : ticks) widest = std::max(widest, text_size(number(t, axes.y_percent, step), fonts().small).x);
  const PlotFrame frame{{from.x + widest + 8.0F, from.y}, to, axes};
  for (const double t : ticks) {
    const float y = std::round(frame.y(t));
    const bool zero = std::fabs(t) < 1e-9;
    list.AddLine({frame.from.x, y}, {to.x, y}, zero ? colours().faint : colours().line, 1.0F);
    draw_text_in(list, fonts().small, {from.x, y - 10.0F}, {from.x + widest, y + 10.0F}, 1.0F, colours().quiet,
                 number(t, axes.y_percent, step));
  }
  return frame.from.x;
}

void draw_x_axis(ImDrawList& list, const PlotFrame& frame) {
  const PlotAxes& axes = frame.axes;
  const float top = frame.to.y + 4.0F;
  const auto put = [&](double at, const std::string& words, float room) {
    const float width = text_size(words, fonts().small).x;
    const float x = std::clamp(frame.x(at) - width / 2, frame.from.x - 8.0F, frame.to.x - width + 4.0F);
    if (width <= room) draw_text(list, fonts().small, {x, top}, colours().quiet, words);
  };
  if (!axes.x_names.empty()) {
    const auto count = static_cast<int>(axes.x_names.size());
    const float each = (frame.to.x - frame.from.x) / static_cast<float>(std::max(1, count - 1));
    float widest = 1.0F;
    for (const std::string& name : axes.x_names) widest = std::max(widest, text_size(name, fonts().small).x + 8.0F);
    const int skip = std::max(1, static_cast<int>(std::ceil(widest / each)));
    for (int i = 0; i < count; i += skip) put(i, axes.x_names[static_cast<std::size_t>(i)], 1e6F);
    return;
  }
  const auto ticks = axis_ticks(axes.left, axes.right, std::max(2, static_cast<int>((frame.to.x - frame.from.x) / 70)));
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1.0;
  for (const double t : ticks) put(t, number(t, axes.x_percent, step), 1e6F);
}

// The place among a line's x that is nearest.
std::size_t nearest(const PlotLine& line, double x) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < line.x.size(); ++i) {
    if (std::fabs(line.x[i] - x) < std::fabs(line.x[best] - x)) best = i;
  }
  return best;
}

void read_out(ImDrawList& list, const PlotFrame& frame, std::span<const PlotLine> lines, const PlotAxes& axes) {
  const PlotLine* first = nullptr;
  for (const PlotLine& line : lines) {
    if (!line.x.empty() && (first == nullptr || line.x.size() > first->x.size())) first = &line;
  }
  if (first == nullptr) return;
  const double wanted = std::clamp(frame.value_at(ImGui::GetMousePos().x), axes.left, axes.right);
  const double x = first->x[nearest(*first, wanted)];
  list.AddLine({frame.x(x), frame.from.y}, {frame.x(x), frame.to.y}, colours().faint, 1.0F);
  if (!begin_tooltip(true)) return;
  const auto name = static_cast<std::size_t>(
      base::whole_within(static_cast<float>(std::round(x)), 0, static_cast<int>(axes.x_names.size())));
  if (name < axes.x_names.size()) {
    text(axes.x_names[name], Role::strong);
  } else {
    const std::string value = axes.x_percent ? in_percent(x, 0) : decimal(x);
    text(axes.x_title.empty() ? value : tr(text::common_axis_value, {{"axis", axes.x_title}, {"value", value}}),
         Role::strong);
  }
  for (const PlotLine& line : lines) {
    if (line.x.empty()) continue;
    const std::size_t at = nearest(line, x);
    if (std::fabs(line.x[at] - x) > 1e-6 * (axes.right - axes.left) || !std::isfinite(line.y[at])) continue;
    list.AddCircleFilled({frame.x(x), frame.y(line.y[at])}, 4.0F, line.colour, 16);
    const ImVec2 cursor = ImGui::GetCursorScreenPos();
    ImGui::GetWindowDrawList()->AddRectFilled({cursor.x, cursor.y + 6.0F}, {cursor.x + 12.0F, cursor.y + 14.0F},
                                              line.colour, 2.0F);
    ImGui::SetCursorScreenPos({cursor.x + 20.0F, cursor.y});
    text(line.label + "  " + (axes.y_percent ? in_percent(line.y[at], 1) : decimal(line.y[at])));
  }
  end_tooltip();
}

// Each name on a line of its own, so that two marks at one place can be told apart; what lies beyond the axis stands at
// its end.
void draw_plot_mark(ImDrawList& list, const PlotFrame& frame, const PlotMark& mark, float row) {
  constexpr float kFoot = 5.0F;
  const float line = font_height(fonts().body);
  const float x = std::round(frame.x(std::clamp(mark.x, frame.axes.left, frame.axes.right)));
  const float end = frame.to.y;
  list.AddLine({x, frame.from.y}, {x, end}, mark.colour, 1.5F);
  list.AddTriangleFilled({x, end - 2 * kFoot}, {x + kFoot, end + 2.0F}, {x - kFoot, end + 2.0F}, mark.colour);
  note_rect(mark.id, {x - kFoot, end - 2 * kFoot}, {x + kFoot, end + 2.0F});
  const float wide = text_size(mark.label, fonts().body).x;
  const bool left = x + 6.0F + wide > frame.to.x;
  const ImVec2 from{left ? x - 6.0F - wide : x + 6.0F, frame.from.y + row * (line + 2.0F)};
  list.AddRectFilled({from.x - 2.0F, from.y}, {from.x + wide + 2.0F, from.y + line}, with_alpha(colours().card, 0.8F),
                     3.0F);
  draw_text(list, fonts().body, from, colours().ink, mark.label);
  if (!std::isfinite(mark.y)) return;
  const ImVec2 at{x, frame.y(std::clamp(mark.y, frame.axes.bottom, frame.axes.top))};
  list.AddCircleFilled(at, 6.0F, colours().card, 20);
  list.AddCircle(at, 5.0F, mark.colour, 20, 2.5F);
}

}  // namespace

std::vector<double> axis_ticks(double from, double to, int most) {
  const double span = to - from;
  if (!(span > 0.0) || !std::isfinite(span)) return {from};
  double step = std::pow(10.0, std::floor(std::log10(span / std::max(1, most))));
  constexpr std::array<double, 3> kGrow{2.0, 2.5, 2.0};  // 1, 2, 5, 10
  for (std::size_t i = 0; span / step > static_cast<double>(most) + 1e-9; ++i) step *= kGrow[i % kGrow.size()];
  const auto place = [&] {
    std::vector<double> ticks;
    for (double k = std::ceil(from / step - 1e-9); k * step <= to + 1e-9 * span; k += 1.0) ticks.push_back(k * step);
    return ticks;
  };
  std::vector<double> ticks = place();
  for (; ticks.size() < 2; ticks = place()) step /= 2.0;  // one number tells no scale
  return ticks;
}

ImU32 line_colour(int i) {
  // Okabe and Ito's, made dark or light enough to reach 3:1 on their ground.
  constexpr std::array<ImU32, kLineColours> kLight{IM_COL32(0, 100, 170, 255), IM_COL32(190, 78, 0, 255),
                                                   IM_COL32(0, 125, 92, 255),  IM_COL32(160, 62, 130, 255),
                                                   IM_COL32(140, 98, 0, 255),  IM_COL32(92, 88, 190, 255)};
  constexpr std::array<ImU32, kLineColours> kDark{IM_COL32(100, 184, 240, 255), IM_COL32(245, 150, 80, 255),
                                                  IM_COL32(64, 205, 165, 255),  IM_COL32(232, 158, 205, 255),
                                                  IM_COL32(240, 200, 84, 255),  IM_COL32(178, 172, 250, 255)};
  const auto at = static_cast<std::size_t>(i % kLineColours);
  return theme().mode == Mode::dark ? kDark[at] : kLight[at];
}

void plot_legend(std::span<const PlotLine> lines) {
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float height = font_height(fonts().body) + 4.0F;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float x = 0.0F;
  float y = 0.0F;
  for (const PlotLine& line : lines) {
    const float wide = kSwatch + 6.0F + text_size(line.label, fonts().body).x;
    if (x > 0.0F && x + wide > width) {
      x = 0.0F;
      y += height;
    }
    const ImVec2 at{from.x + x, from.y + y};
    const float middle = at.y + height / 2 - 2.0F;
    float phase = 0.0F;
    if (line.dashed) {
      draw_dashed(list, {at.x, middle}, {at.x + kSwatch, middle}, line.colour, phase);
    } else {
      list.AddLine({at.x, middle}, {at.x + kSwatch, middle}, line.colour, 3.0F);
    }
    draw_text(list, fonts().body, {at.x + kSwatch + 6.0F, at.y}, colours().ink, line.label);
    x += wide + 18.0F;
  }
  ImGui::Dummy({width, y + height});
}

bool plot(std::string_view id, std::span<const PlotLine> lines, const PlotAxes& axes, float height,
          std::span<const PlotMark> marks) {
  const float width = ImGui::GetContentRegionAvail().x;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::Dummy({width, height});
  note_item(id);
  const bool pointed = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = font_height(fonts().body);
  const float head = axes.y_title.empty() ? 8.0F : line + 6.0F;
  const float foot = 22.0F + (axes.x_title.empty() ? 0.0F : line);
  if (!axes.y_title.empty()) draw_text(list, fonts().body, corner, colours().quiet, axes.y_title);
  if (!axes.x_title.empty())
    draw_text_in(list, fonts().body, {corner.x, corner.y + height - line}, {corner.x + width, corner.y + height}, 1.0F,
                 colours().quiet, axes.x_title);
  const ImVec2 from{corner.x, corner.y + head};
  const ImVec2 to{corner.x + width - 6.0F, corner.y + height - foot};
  const PlotFrame frame{{draw_y_axis(list, from, to, axes), from.y}, to, axes};
  draw_x_axis(list, frame);
  list.PushClipRect({frame.from.x - 4.0F, frame.from.y - 4.0F}, {frame.to.x + 6.0F, frame.to.y + 4.0F}, true);
  for (const PlotLine& l : lines) draw_line(list, frame, l, axes.marks_points);
  for (std::size_t i = 0; i < marks.size(); ++i) draw_plot_mark(list, frame, marks[i], static_cast<float>(i));
  list.PopClipRect();
  if (pointed) read_out(list, frame, lines, axes);
  return pointed;
}

}  // namespace weightroom::ui
