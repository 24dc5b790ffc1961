// The weight inspector: the kernel around the selected weight as a grid of numbers, its slider, what it does.
#include <algorithm>
#include <cmath>

#include <strings/inspector.h>

#include "ui/context.h"
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
  std::string name;
  float value = 0.0F;
  float loaded = 0.0F;
  float range = 1.0F;
};

LitWeight lit_weight(const document::Document& document) {
  const nn::WeightRef ref = *document.selection.weight;
  return {document,
          document.graph().weights()[static_cast<std::size_t>(ref.tensor)],
          ref,
          nn::format_weight_ref(document.graph(), ref),
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

void draw_slider(const View& view, const LitWeight& lit, CommandQueue& commands) {
  double value = static_cast<double>(lit.value);
  SliderOptions options;
  options.minimum = -static_cast<double>(lit.range);
  options.maximum = static_cast<double>(lit.range);
  options.shown = decimal(value);
  options.signed_ = true;
  options.live = true;
  options.help = say(text::inspector_slider_help);
  const Change change = slider("weight_slider", slider_label(lit), value, options);
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

std::string sum_title(const LitWeight& lit, const network::Place& place, bool pointed) {
  const nn::Graph& graph = lit.document.graph();
  if (network::is_answer(graph, place.node))
    return tr(text::inspector_sum_logit, {{"class", class_label(lit.document, place.channel)}});
  if (network::is_flat(graph, place.node)) return tr(text::inspector_sum_output, {{"channel", place.channel}});
  return tr(pointed ? text::inspector_sum_here : text::inspector_sum_strongest,
            {{"y", place.y}, {"x", place.x}, {"map", place.channel}});
}

// The sum at the place under the pointer in this layer's map, else at the one where the channel is strongest.
void draw_formula(const View& view, const UiState& ui, const LitWeight& lit, float width) {
  const nn::Graph& graph = lit.document.graph();
  const int node = lit.tensor.node;
  const auto channel =
      static_cast<int>(lit.ref.element / (lit.tensor.shape.size() / static_cast<std::size_t>(lit.tensor.shape[0])));
  const nn::Shape& output = graph.nodes()[static_cast<std::size_t>(node)].output;
  const bool pointed = ui.hover.node == node && ui.hover.y < output.h() && ui.hover.x < output.w();
  const network::Place place =
      pointed ? network::Place{node, channel, ui.hover.y, ui.hover.x} : network::strongest(view, node, channel);
  const auto lines = network::sum_words(view, place);
  if (lines.empty()) return;
  text(sum_title(lit, place, pointed), Role::quiet);
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

void inspector_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document() || !view.document().selection.weight) {
    const Card card("inspector", say(text::inspector_weight));
    return empty_state(say(text::inspector_none), 120.0F);
  }
  const LitWeight lit = lit_weight(view.document());
  const Card card("inspector", lit.name);
  if (first_words(view, ui)) {
    ImGui::Dummy({0, ImGui::GetTextLineHeight()});  // they stand in this line's place
  } else {
    text(network::weight_words(lit.document, lit.ref), Role::quiet);
  }
  draw_grid(view, lit, card.width(), commands);
  draw_slider(view, lit, commands);
  draw_buttons(lit, commands);
  if (view.answered()) {
    draw_effect(view, lit);
    draw_formula(view, ui, lit, card.width());
  }
}

}  // namespace weightroom::ui
