// The page Curves: how the accuracy on the labelled set depends on one weight, on pruning, on bits, or on two weights.
#include "studies/curves.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <imgui_internal.h>
#include <strings/curves.h>
#include <strings/part.h>
#include <strings/size.h>

#include "nn/weight_ref.h"
#include "ui/context.h"
#include "ui/pages/accuracy.h"
#include "ui/pages/curves_plane.h"
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
Range range_of(const std::vector<double>& values, const std::vector<PlotMark>& marks, double least) {
  Range range{INFINITY, -INFINITY};
  const auto take = [&](double value) {
    if (!std::isfinite(value)) return;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  };
  for (const double value : values) take(value);
  for (const PlotMark& mark : marks) take(mark.y);
  if (range.low > range.high) return {0.0, 1.0};
  const double margin = std::max(0.08 * (range.high - range.low), least);
  return {range.low - margin, range.high + margin};
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

// What the axis across is of, now; the curve that was drawn before stays until the next one is begun.
std::string axis_of(const document::Document& document) {
  const studies::CurveChoice& choice = document.choice<studies::CurveChoice>();
  if (!moves_weights(choice.kind)) return choice.on;
  return document.selection.weight ? nn::format_weight_ref(document.graph(), *document.selection.weight) : "";
}

// Weights are asked once for their place.
std::optional<double> place_of(UiState::CurvePlace& known, const document::Document& document,
                               const document::PagedWeights& weights) {
  const std::string axis = std::string(name_of(document.choice<studies::CurveChoice>().kind)) + " " + axis_of(document);
  if (known.axis != axis || known.weights.size() != weights.size() || !known.weights.same(weights))
    known = {weights, axis, studies::curve_place(document, weights)};
  return known.place;
}

// What was measured of the present model, of which other edits may have been made too: it need not lie on the curve.
struct Present {
  double loaded = NAN;
  double now = NAN;
};
enum class Curve { accuracy, loss, file };
Present present_of(const View& view, Curve drawn) {
  if (drawn == Curve::file) {
    const studies::Sizes& sizes = view.lab.engine().sizes();
    const auto kilobytes = [](std::optional<std::size_t> bytes) {
      return bytes ? static_cast<double>(*bytes) / 1000.0 : NAN;
    };
    return {kilobytes(sizes.file_after(nullptr)), kilobytes(sizes.file_after(last_step(view.document().edit)))};
  }
  const studies::Measure& measure = view.lab.engine().measure();
  const auto value = [&](const studies::Evaluation& of) { return drawn == Curve::accuracy ? of.top1 : of.loss; };
  return {measure.unedited() == nullptr ? NAN : value(*measure.unedited()),
          measure.whole() ? value(measure.now()) : NAN};
}

std::string mark_label(const studies::Curves& curves, double place, Text label) {
  const bool float_ = curves.kind == studies::CurveKind::bits && place > curves.x.back();
  return float_ ? tr(text::curves_mark_bits, {{"mark", label}, {"n", std::lround(place)}}) : tr(label);
}

// Where the loaded and the present model stand on the axis.
std::vector<PlotMark> marks_of(const View& view, UiState& ui, const studies::Curves& curves, Curve drawn) {
  std::vector<PlotMark> marks;
  const document::Document& document = view.document();
  if (axis_of(document) != curves.what) return marks;
  const auto loaded = place_of(ui.curve_loaded, document, document.loaded);
  const auto now = place_of(ui.curve_now, document, document.edit.weights);
  if (!loaded || !now) return marks;
  const Present present = present_of(view, drawn);
  const bool edited = !document.edit.off.empty() || !document.edit.running.same(document.loaded);
  const bool above = drawn == Curve::accuracy;
  marks.push_back({*loaded, present.loaded, colours().quiet,
                   mark_label(curves, *loaded, edited ? text::curves_mark_loaded : text::curves_mark_unedited),
                   above ? "curves/mark/loaded" : ""});
  if (edited)
    marks.push_back({*now, present.now, colours().accent, mark_label(curves, *now, text::curves_mark_now),
                     above ? "curves/mark/now" : ""});
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
  const std::vector<PlotMark> marks = marks_of(view, ui, curves, Curve::accuracy);
  Range right = range_of(curves.accuracy, marks, 0.01);
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
       240.0F, marks);
  std::vector<double> kilobytes;
  for (const double bytes : curves.bytes) kilobytes.push_back(bytes / 1000.0);
  if (!kilobytes.empty()) {
    constexpr std::array<Text, 2> kBelow{text::curves_file, text::curves_loss};
    int below = ui.curve_loss ? 1 : 0;
    if (segmented("curves/below", kBelow, below, 260.0F)) ui.curve_loss = below == 1;
  }
  const bool loss = kilobytes.empty() || ui.curve_loss;
  const std::vector<double>& values = loss ? curves.loss : kilobytes;
  const std::vector<PlotMark> below = marks_of(view, ui, curves, loss ? Curve::loss : Curve::file);
  Range of = range_of(values, below, 1e-3);
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
       180.0F, below);
  if (share) text(say(text::size_time_stays), Role::quiet, true);
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
  if (!view.document().labelled) {
    return draw_invitation(view, commands, text::curves_invitation, text::curves_invitation_body);
  }
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
