// The weight inspector: the kernel around the selected weight as a grid of numbers, its slider, what it does.
#include <algorithm>
#include <cmath>

#include <strings/inspector.h>

#include "ui/columns/answer_track.h"
#include "ui/columns/lit_weight.h"
#include "ui/columns/sum_pictures.h"
#include "ui/columns/weight_title.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/network/words.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/number_cell.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

struct LitWeight {
  const document::Document& document;
  const nn::GraphWeight& tensor;
  nn::WeightRef ref;
  float value = 0.0F;
  float loaded = 0.0F;
  float range = 1.0F;
};

LitWeight lit_weight(const document::Document& document) {
  const nn::WeightRef ref = *document.selection.weight;
  return {document,
          document.graph().weights()[static_cast<std::size_t>(ref.tensor)],
          ref,
          document.shown_weights()[nn::flat_index(document.graph(), ref)],
          document.loaded_weight(ref),
          document::slider_range(document, ref.tensor)};
}

void set(const LitWeight& lit, double value, bool preview, CommandQueue& commands,
         std::optional<nn::WeightRef> other = {}) {
  commands.push(document::command::SetWeight{other.value_or(lit.ref), static_cast<float>(value), preview});
}

void use_cell(const View& view, const LitWeight& lit, nn::WeightRef ref, const CellChange& change,
              CommandQueue& commands) {
  if (change.typed) {
    const auto value = nn::parse_number(*change.typed);
    if (value) {
      set(lit, static_cast<double>(*value), false, commands, ref);
    } else {
      commands.report(value.error().message());
    }
  } else if (change.commit && !change.preview && !view.lab.previews(ref)) {
    // What came to rest has been made a step already, by an edit of another weight.
  } else if (change) {
    set(lit, change.value, !change.commit, commands, ref);
  } else if (change.selected && ref != lit.ref) {
    commands.push(document::command::SelectWeight{ref});
  }
}

// Rows and columns of numbers: the kernel of the selected weight, or that weight alone where there is no kernel.
void draw_grid(const View& view, const LitWeight& lit, float room, CommandQueue& commands) {
  const TabGroup stop;
  const bool kernel = lit.tensor.shape.rank() == 4;
  const int rows = kernel ? lit.tensor.shape.h() : 1;
  const int columns = kernel ? lit.tensor.shape.w() : 1;
  const std::size_t first =
      kernel ? lit.ref.element / static_cast<std::size_t>(rows * columns) * static_cast<std::size_t>(rows * columns)
             : lit.ref.element;
  constexpr float kGap = 4.0F;
  const float width = std::min((room - kGap * static_cast<float>(columns - 1)) / static_cast<float>(columns), 96.0F);
  const float indent = (room - width * static_cast<float>(columns) - kGap * static_cast<float>(columns - 1)) / 2;
  const ImVec2 corner{ImGui::GetCursorScreenPos().x + indent, ImGui::GetCursorScreenPos().y};
  const float height = theme().metrics.control;
  for (int v = 0; v < rows; ++v) {
    for (int u = 0; u < columns; ++u) {
      const nn::WeightRef ref{lit.ref.tensor, first + static_cast<std::size_t>(v * columns + u)};
      const float value = lit.document.shown_weights()[nn::flat_index(lit.document.graph(), ref)];
      NumberCell cell;
      cell.value = static_cast<double>(value);
      cell.scale = static_cast<double>(lit.range) / 3.0;
      cell.range = static_cast<double>(lit.range);
      cell.before = static_cast<double>(lit.document.loaded_weight(ref));
      cell.lit = ref == lit.ref;
      cell.size = {width, height};
      ImGui::SetCursorScreenPos(
          {corner.x + static_cast<float>(u) * (width + kGap), corner.y + static_cast<float>(v) * (height + kGap)});
      use_cell(view, lit, ref, number_cell(weight_id(lit.document.graph(), ref), cell), commands);
    }
  }
  const float foot = corner.y + static_cast<float>(rows) * (height + kGap);
  note_rect("kernel", corner, {corner.x + room - 2 * indent, foot - kGap});
  ImGui::SetCursorScreenPos({corner.x - indent, foot + 4.0F});
}

std::string slider_label(const LitWeight& lit) {
  const bool bias = lit.tensor.name.ends_with(".bias");
  if (lit.value == lit.loaded) return tr(bias ? text::inspector_bias : text::inspector_weight);
  return tr(bias ? text::inspector_bias_loaded : text::inspector_weight_loaded,
            {{"value", document::number_text(lit.loaded)}});
}

void draw_slider(const View& view, const LitWeight& lit, std::string_view label, CommandQueue& commands) {
  double value = static_cast<double>(lit.value);
  SliderOptions options;
  options.minimum = -static_cast<double>(lit.range);
  options.maximum = static_cast<double>(lit.range);
  options.shown = decimal(value);
  options.signed_ = true;
  options.live = true;
  options.help = say(text::inspector_slider_help);
  const AnswerTrack track = answer_track(view);
  options.parts = track.parts;
  if (!track.parts.empty() && std::fabs(lit.loaded) <= lit.range) options.notch = static_cast<double>(lit.loaded);
  const Change change = slider("weight_slider", label, value, options);
  if (change && (change.preview || static_cast<float>(value) != lit.value || view.lab.previews(lit.ref)))
    set(lit, value, !change.commit, commands);
}

void draw_buttons(const LitWeight& lit, CommandQueue& commands) {
  const float width = (ImGui::GetContentRegionAvail().x - 3 * 6.0F) / 4;
  const auto transform = [&](const char* id, const char* operation, Text label, Text help) {
    if (button(id, say(label), {.tooltip = say(help), .width = width}))
      commands.push(document::command::TransformWeight{lit.ref, operation});
    ImGui::SameLine(0, 6.0F);
  };
  transform("weight_zero", "zero", text::inspector_zero, text::inspector_zero_help);
  transform("weight_negate", "negate", text::inspector_negate, text::inspector_negate_help);
  transform("weight_double", "double", text::inspector_double, text::inspector_double_help);
  if (button("weight_reset", say(text::inspector_reset),
             {.tooltip = say(text::inspector_reset_help), .enabled = lit.value != lit.loaded, .width = width})) {
    commands.push(document::command::Reset{.scope = document::command::Reset::Scope::weight, .weight = lit.ref});
  }
}

std::string sum_title(const View& view, const UiState& ui, const network::Place& place) {
  const document::Document& document = view.document();
  if (network::is_answer(document.graph(), place.node))
    return tr(text::inspector_sum_logit, {{"class", class_label(document, place.channel)}});
  if (network::is_flat(document.graph(), place.node))
    return tr(text::inspector_sum_output, {{"channel", place.channel}});
  const bool chosen = ui.hover.node == place.node || ui.lens.node == place.node;
  return tr(chosen ? text::inspector_sum_here : text::inspector_sum_strongest,
            {{"y", place.y}, {"x", place.x}, {"map", place.channel}});
}

// The sum at the place under the pointer or the lens, else where the channel is strongest: in pictures where it runs
// over a kernel.
void draw_formula(const View& view, const UiState& ui, const LitWeight& lit, float width) {
  const auto place = looked_at(view, ui);
  if (!place) return;
  if (const auto sum = channel_sum(view, lit.ref, *place)) {
    text(sum_title(view, ui, *place), Role::quiet);
    return draw_channel_sum(*sum, width);
  }
  const auto lines = network::sum_words(view, *place);
  if (lines.empty()) return;
  text(sum_title(view, ui, *place), Role::quiet);
  network::draw_sum(lines, width);
}

void draw_effect(const View& view, const LitWeight& lit) {
  const lab::Results& results = view.results();
  if (results.weight_gradient.empty() || results.target < 0 || !lit.tensor.trainable) return;
  const double gradient = static_cast<double>(results.weight_gradient[nn::flat_index(lit.document.graph(), lit.ref)]);
  constexpr double kStep = 0.1;
  const std::string step = decimal(kStep, 1);
  const std::string change = decimal(gradient * kStep);
  text(tr(text::inspector_effect, {{"step", step},
                                   {"class", class_label(lit.document, results.target)},
                                   {"change", change.starts_with("−") ? change : "+" + change}}),
       Role::body, true);
  tooltip(tr(text::inspector_effect_help, {{"step", step}}));
}

}  // namespace

void draw_lit_slider(const View& view, const UiState& ui, CommandQueue& commands) {
  const LitWeight lit = lit_weight(view.document());
  // "Drag this weight." stands in the label's place.
  draw_slider(view, lit, first_words(view, ui) ? "" : weight_title(lit.document, lit.ref), commands);
}

namespace {

// A slip of the keyboard is told of: such a weight drowns all others.
void draw_far(const LitWeight& lit) {
  constexpr double kFar = 30.0;  // times the layer's largest
  const auto largest = static_cast<double>((*lit.document.largest_loaded)[static_cast<std::size_t>(lit.ref.tensor)]);
  const double times = std::fabs(static_cast<double>(lit.value)) / largest;
  if (largest > 0.0 && times >= kFar && std::isfinite(times))
    text(tr(text::inspector_far, {{"n", std::llround(times)}}), Role::danger, true);
}

}  // namespace

void draw_kernel(const View& view, UiState& ui, CommandQueue& commands, float width) {
  const LitWeight lit = lit_weight(view.document());
  draw_weight_title(view, ui, lit.ref, width);
  draw_grid(view, lit, width, commands);
  if (layout() != Layout::low || !ui.whole_bench) draw_slider(view, lit, slider_label(lit), commands);
  draw_far(lit);
}

void inspector_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document() || !view.document().selection.weight) {
    const Card card("inspector", say(text::inspector_weight));
    return empty_state(say(text::inspector_none), 120.0F);
  }
  const LitWeight lit = lit_weight(view.document());
  const Card card("inspector", {});
  draw_kernel(view, ui, commands, card.width());
  draw_buttons(lit, commands);
  // In two columns these stand with what scrolls.
  if (view.answered() && layout() != Layout::pair) {
    draw_effect(view, lit);
    draw_formula(view, ui, lit, card.width());
  }
}

void sum_panel(const View& view, UiState& ui, CommandQueue&) {
  if (!view.answered() || !view.document().selection.weight) return;
  const Card card("sum", {});
  const LitWeight lit = lit_weight(view.document());
  draw_effect(view, lit);
  draw_formula(view, ui, lit, card.width());
}

}  // namespace weightroom::ui
