// The page Curves: how the accuracy on the labelled set depends on one weight, on pruning, on bits, or on two weights.
#include "studies/curves.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <imgui_internal.h>
#include <strings/curves.h>
#include <strings/part.h>

#include "nn/weight_ref.h"
#include "ui/context.h"
#include "ui/pages/accuracy.h"
#include "ui/pages/page.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr Keyed<studies::CurveKind> kCurveKinds[] = {{studies::CurveKind::weight, text::curves_weight},
                                                     {studies::CurveKind::share, text::curves_pruning},
                                                     {studies::CurveKind::bits, text::curves_bits},
                                                     {studies::CurveKind::plane, text::curves_plane}};

bool moves_weights(studies::CurveKind kind) {
  return kind == studies::CurveKind::weight || kind == studies::CurveKind::plane;
}

// The part that is pruned or quantised: everything, or a layer.
void choose_part(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const std::string& on = document.choice<studies::CurveChoice>().on;
  std::vector<std::string> parts{"all"};
  for (const nn::Node& node : document.graph().nodes()) {
    if (!node.weights.empty()) parts.push_back(node.name);
  }
  const auto words = [](const std::string& part) { return part == "all" ? tr(text::part_model) : part; };
  const auto options = [&] {
    std::vector<Option> all;
    for (const std::string& part : parts) all.push_back({.label = words(part)});
    return all;
  };
  int chosen = static_cast<int>(std::ranges::find(parts, on) - parts.begin());
  if (select("curves/part", words(on), options, chosen))
    choose<studies::CurveChoice>(view, commands, [&](auto& c) { c.on = parts[static_cast<std::size_t>(chosen)]; });
}

// The second weight of a plane is whichever was selected when it was taken.
void choose_second(const View& view, CommandQueue& commands, float width) {
  const document::Document& document = view.document();
  const auto& lit = document.selection.weight;
  const auto& second = document.choice<studies::CurveChoice>().second;
  const auto name = [&](nn::WeightRef ref) { return nn::format_weight_ref(document.graph(), ref); };
  text_fitted(lit ? tr(text::curves_across, {{"weight", name(*lit)}}) : tr(text::curves_across_none), width,
              Role::quiet);
  text_fitted(second ? tr(text::curves_up, {{"weight", name(*second)}}) : tr(text::curves_up_none), width, Role::quiet);
  if (button("curves/second", say(text::curves_second),
             {.tooltip = say(text::curves_second_help), .enabled = lit.has_value() && lit != second}))
    choose<studies::CurveChoice>(view, commands, [&](auto& c) { c.second = lit; });
}

struct Range {
  double low = 0.0;
  double high = 1.0;
};
Range range_of(const std::vector<double>& values, double least) {
  Range range{INFINITY, -INFINITY};
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  if (range.low > range.high) return {0.0, 1.0};
  const double margin = std::max(0.08 * (range.high - range.low), least);
  return {range.low - margin, range.high + margin};
}

// A value of the line at x, between the points that are known.
double value_at(const std::vector<double>& xs, const std::vector<double>& ys, double x) {
  std::size_t left = xs.size();
  std::size_t right = xs.size();
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (!std::isfinite(ys[i])) continue;
    if (xs[i] <= x) left = i;
    if (xs[i] >= x && right == xs.size()) right = i;
  }
  if (left == xs.size() || right == xs.size()) return NAN;
  if (left == right) return ys[left];
  return ys[left] + (ys[right] - ys[left]) * (x - xs[left]) / (xs[right] - xs[left]);
}

PlotLine line_of(const studies::Curves& curves, const std::vector<double>& values, std::string label, ImU32 colour) {
  PlotLine line{std::move(label), colour, {}, {}};
  for (std::size_t i = 0; i < curves.x.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    line.x.push_back(curves.x[i]);
    line.y.push_back(values[i]);
  }
  return line;
}

// Where the model stands on the curve.
std::vector<PlotMark> marks_of(const View& view, const studies::Curves& curves, const std::vector<double>& values) {
  std::vector<PlotMark> marks;
  if (curves.kind != studies::CurveKind::weight || !view.document().selection.weight) return marks;
  const nn::WeightRef ref = *view.document().selection.weight;
  // The curve of the weight selected before stays until the next one is begun.
  if (nn::format_weight_ref(view.document().graph(), ref) != curves.what) return marks;
  const auto mark = [&](double x, ImU32 colour, Text label) {
    const double y = value_at(curves.x, values, x);
    if (std::isfinite(y)) marks.push_back({x, y, colour, tr(label)});
  };
  const auto loaded = static_cast<double>(view.document().loaded_weight(ref));
  const auto now = static_cast<double>(view.document().weight(ref));
  if (loaded != now) mark(loaded, colours().quiet, text::curves_mark_loaded);
  mark(now, colours().accent, text::curves_mark_now);
  return marks;
}

std::string x_title(const studies::Curves& curves) {
  const bool all = curves.what == "all";
  switch (curves.kind) {
    case studies::CurveKind::share:
      return all ? tr(text::curves_pruned_all) : tr(text::curves_pruned_part, {{"part", curves.what}});
    case studies::CurveKind::bits:
      return all ? tr(text::curves_bits_all) : tr(text::curves_bits_part, {{"part", curves.what}});
    default:
      return tr(text::curves_value, {{"weight", curves.what}});
  }
}

void draw_lines(const View& view, UiState& ui, const studies::Curves& curves) {
  const std::string across = x_title(curves);
  const bool share = curves.kind == studies::CurveKind::share;
  Range right = range_of(curves.accuracy, 0.01);
  right = {std::max(0.0, right.low), std::min(1.0, right.high)};
  const std::vector<PlotLine> accuracy{
      line_of(curves, curves.accuracy, tr(text::curves_line_accuracy), line_colour(0))};
  plot("curves/accuracy", accuracy,
       {.left = curves.x.front(),
        .right = curves.x.back(),
        .bottom = right.low,
        .top = right.high,
        .x_title = across,
        .y_title = tr(text::curves_accuracy),
        .x_percent = share,
        .y_percent = true,
        .marks_points = true},
       240.0F, marks_of(view, curves, curves.accuracy));
  std::vector<double> kilobytes;
  for (const double bytes : curves.bytes) kilobytes.push_back(bytes / 1000.0);
  if (!kilobytes.empty()) {
    constexpr std::array<Text, 2> kBelow{text::curves_file, text::curves_loss};
    int below = ui.curve_loss ? 1 : 0;
    if (segmented("curves/below", kBelow, below, 260.0F)) ui.curve_loss = below == 1;
  }
  const bool loss = kilobytes.empty() || ui.curve_loss;
  const std::vector<double>& values = loss ? curves.loss : kilobytes;
  Range of = range_of(values, 1e-3);
  if (!loss) of.low = 0.0;
  const std::vector<PlotLine> second{
      line_of(curves, values, tr(loss ? text::curves_line_loss : text::curves_line_file), line_colour(loss ? 1 : 2))};
  plot("curves/below_plot", second,
       {.left = curves.x.front(),
        .right = curves.x.back(),
        .bottom = of.low,
        .top = of.high,
        .x_title = across,
        .y_title = tr(loss ? text::curves_loss : text::curves_file_kb),
        .x_percent = share,
        .marks_points = true},
       180.0F, marks_of(view, curves, values));
}

ImU32 level_colour(double share) {
  return blend(colours().card, colours().accent, static_cast<float>(0.08 + 0.92 * share));
}

// What the colours stand for, from the least to the most accurate place.
void draw_scale(const Range& range, float width) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  constexpr int kSteps = 48;
  constexpr float kBar = 12.0F;
  const float each = width / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    const float x = from.x + each * static_cast<float>(i);
    list.AddRectFilled({x, from.y}, {x + each + 0.5F, from.y + kBar}, level_colour((i + 0.5) / kSteps));
  }
  const float line = font_height(fonts().body);
  const ImVec2 below{from.x, from.y + kBar + 2.0F};
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 0.0F, colours().quiet, percent(range.low));
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 0.5F, colours().quiet,
               say(text::curves_scale));
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 1.0F, colours().quiet, percent(range.high));
  ImGui::Dummy({width, kBar + 2.0F + line});
}

struct Plane {
  ImVec2 from;
  float each;
  std::size_t columns;
  std::size_t rows;
  // The row of the largest value on top.
  [[nodiscard]] ImVec2 corner(std::size_t column, std::size_t row) const {
    return {from.x + each * static_cast<float>(column), from.y + each * static_cast<float>(rows - 1 - row)};
  }
  // Of values that lie between the places, or beyond them.
  [[nodiscard]] ImVec2 at(const studies::Curves& curves, double x, double y) const {
    const auto share = [](const std::vector<double>& of, double value) {
      return static_cast<float>(std::clamp((value - of.front()) / (of.back() - of.front()), 0.0, 1.0));
    };
    return {from.x + each * (0.5F + share(curves.x, x) * static_cast<float>(columns - 1)),
            from.y + each * (0.5F + (1.0F - share(curves.y, y)) * static_cast<float>(rows - 1))};
  }
};

// The place under the pointer, if there is one.
std::optional<std::size_t> draw_places(const studies::Curves& curves, const Plane& plane, const Range& range,
                                       bool pointed_at) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  std::optional<std::size_t> hovered;
  for (std::size_t row = 0; row < plane.rows; ++row) {
    for (std::size_t column = 0; column < plane.columns; ++column) {
      const std::size_t place = row * plane.columns + column;
      const ImVec2 from = plane.corner(column, row);
      const ImVec2 to{from.x + plane.each - 1.0F, from.y + plane.each - 1.0F};
      const double value = curves.accuracy[place];
      const double share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 1.0;
      list.AddRectFilled(from, to, std::isfinite(value) ? level_colour(share) : colours().track, 2.0F);
      if (pointed_at && ImGui::IsMouseHoveringRect(from, to)) {
        hovered = place;
        list.AddRect(from, to, colours().ink, 2.0F, ImDrawFlags_None, 2.0F);
      }
    }
  }
  return hovered;
}

void draw_plane(const View& view, const studies::Curves& curves, float width, CommandQueue& commands) {
  const document::Document& document = view.document();
  const float line = font_height(fonts().body);
  const Range range = [&] {
    Range all{1.0, 0.0};
    for (const double value : curves.accuracy) {
      if (!std::isfinite(value)) continue;
      all = {std::min(all.low, value), std::max(all.high, value)};
    }
    return all.low <= all.high ? all : Range{};
  }();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text(list, fonts().body, ImGui::GetCursorScreenPos(), colours().quiet,
            shortened(curves.second, width, fonts().body));
  ImGui::Dummy({width, line + 2.0F});
  const float side = std::min(width, 400.0F);
  const Plane plane{ImGui::GetCursorScreenPos(), side / static_cast<float>(curves.x.size()), curves.x.size(),
                    curves.y.size()};
  const Area whole = area("curves/plane", {side, plane.each * static_cast<float>(plane.rows)});
  const std::optional<std::size_t> hovered = draw_places(curves, plane, range, whole.hovered);
  const auto dot = [&](nn::WeightRef first, nn::WeightRef second, bool now) {
    const auto value = [&](nn::WeightRef ref) {
      return static_cast<double>(now ? document.weight(ref) : document.loaded_weight(ref));
    };
    const ImVec2 at = plane.at(curves, value(first), value(second));
    list.AddCircleFilled(at, 7.0F, colours().card);
    list.AddCircle(at, 6.0F, now ? colours().ink : colours().quiet, 0, now ? 3.0F : 2.0F);
  };
  const auto& first = document.selection.weight;
  const auto& second = document.choice<studies::CurveChoice>().second;
  const auto is = [&](const std::optional<nn::WeightRef>& ref, const std::string& name) {
    return ref && nn::format_weight_ref(document.graph(), *ref) == name;
  };
  if (is(first, curves.what) && is(second, curves.second)) {
    dot(*first, *second, false);
    dot(*first, *second, true);
  }
  text_fitted(curves.what, width, Role::quiet);
  draw_scale(range, side);
  if (hovered) {
    const double x = curves.x[*hovered % plane.columns];
    const double y = curves.y[*hovered / plane.columns];
    const double value = curves.accuracy[*hovered];
    tooltip(std::isfinite(value)
                ? tr(text::curves_place, {{"x", decimal(x, 3)}, {"y", decimal(y, 3)}, {"accuracy", percent(value)}})
                : tr(text::curves_place_unknown, {{"x", decimal(x, 3)}, {"y", decimal(y, 3)}}));
    if (whole.pressed) {
      commands.push(document::command::SetWeight{curves.moved[0], static_cast<float>(x), false});
      commands.push(document::command::SetWeight{curves.moved[1], static_cast<float>(y), false});
    }
  }
}

constexpr int kFramesToScroll = 3;

// What is drawn between two places as a file: first it is brought into sight, which takes a frame or two.
void take_picture(const View& view, UiState& ui, ImVec2 from, ImVec2 to) {
  if (ui.curve_capture == 0) return;
  context().animating = true;
  if (--ui.curve_capture > 0) return ImGui::SetScrollFromPosY(from.y - ImGui::GetWindowPos().y - 12.0F, 0.0F);
  const ImRect& inside = ImGui::GetCurrentWindow()->InnerRect;
  const studies::Curves& curves = view.lab.engine().study().get<studies::Curves>();
  context().requests.capture = {view.document().model->name + "-" + std::string(name_of(curves.kind)) + ".png",
                                {from.x, std::max(from.y, inside.Min.y)},
                                {to.x, std::min(to.y, inside.Max.y)}};
}

bool draw_questions(const View& view, CommandQueue& commands, float width) {
  const studies::CurveChoice& choice = view.document().choice<studies::CurveChoice>();
  studies::CurveKind kind = choice.kind;
  if (segmented("curves/kind", kCurveKinds, kind))
    choose<studies::CurveChoice>(view, commands, [&](auto& c) { c.kind = kind; });
  if (!moves_weights(choice.kind)) choose_part(view, commands);
  if (choice.kind == studies::CurveKind::plane) choose_second(view, commands, width);
  const studies::Curves& curves = view.lab.engine().study().get<studies::Curves>();
  if (curves.lacks_set) text(say(text::curves_no_class), Role::danger, true);
  if (curves.lacks_weight && choice.kind == studies::CurveKind::weight)
    text(say(text::curves_no_weight), Role::quiet, true);
  return !curves.lacks_weight && !curves.x.empty() && curves.kind == choice.kind;
}

}  // namespace

void curves_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  if (!view.document().labelled) return draw_invitation(view, commands);
  const Card card("curves", say(text::curves_card));
  const float width = card.width();
  const bool there = draw_questions(view, commands, width);
  draw_study_bar(view, commands);
  if (!there) return;
  const studies::Curves& curves = view.lab.engine().study().get<studies::Curves>();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  if (curves.kind == studies::CurveKind::plane) {
    draw_plane(view, curves, width, commands);
  } else {
    draw_lines(view, ui, curves);
  }
  const ImVec2 to{from.x + width, ImGui::GetCursorScreenPos().y};
  text(tr(text::curves_pictures, {{"n", curves.pictures}}), Role::quiet, true);
  if (button("curves/csv", say(text::curves_csv), {.icon = Icon::download}))
    commands.push(document::command::SaveFound{"curve"});
  ImGui::SameLine(0, Metrics::kGap);
  if (button("curves/png", say(text::curves_png), {.icon = Icon::download})) ui.curve_capture = kFramesToScroll;
  take_picture(view, ui, from, to);
}

}  // namespace weightroom::ui
