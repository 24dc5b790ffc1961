#include "ui/columns/sum_pictures.h"

#include <algorithm>
#include <cmath>

#include <strings/inspector.h>

#include "base/whole.h"
#include "explain/geometry.h"
#include "explain/weights.h"
#include "ui/context.h"
#include "ui/touch_scroll.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

const nn::GraphWeight& tensor_of(const document::Document& document, nn::WeightRef ref) {
  return document.graph().weights()[static_cast<std::size_t>(ref.tensor)];
}

float largest_of(std::span<const float> values) {
  float largest = 0.0F;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  return largest;
}

// A grid of values in the diverging colours, with the numbers in it where they have room.
void draw_tile(std::span<const float> values, int rows, int columns, ImVec2 from, float side,
               std::string_view caption) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float scale = largest_of(values);
  const float step = side / static_cast<float>(std::max(rows, columns));
  constexpr float kRoom = 34.0F;  // of a number with two digits
  for (int v = 0; v < rows; ++v) {
    for (int u = 0; u < columns; ++u) {
      const float value = values[static_cast<std::size_t>(v * columns + u)];
      const ImVec2 corner{from.x + step * static_cast<float>(u), from.y + step * static_cast<float>(v)};
      const ImVec2 end{corner.x + step - 1.0F, corner.y + step - 1.0F};
      const ImU32 ground = to_u32(gfx::diverging(scale > 0.0F ? value / scale : 0.0F, theme().ground()));
      list.AddRectFilled(corner, end, ground, 2.0F);
      if (step >= kRoom)
        draw_text_in(list, fonts().small, corner, end, 0.5F, ink_on(ground), decimal(static_cast<double>(value), 1));
    }
  }
  const float foot = from.y + step * static_cast<float>(rows);
  draw_text_in(list, fonts().small, {from.x, foot + 2.0F}, {from.x + side, foot + 20.0F}, 0.5F, colours().quiet,
               caption);
}

std::string plus(double value) {
  const std::string number = decimal(std::fabs(value), 2);
  return (std::signbit(value) ? "− " : "+ ") + number;
}

}  // namespace

int output_channel(const document::Document& document, nn::WeightRef ref) {
  const nn::GraphWeight& tensor = tensor_of(document, ref);
  return static_cast<int>(ref.element / (tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0])));
}

std::optional<network::Place> looked_at(const View& view, const UiState& ui) {
  if (!view.answered() || !view.document().selection.weight) return std::nullopt;
  const nn::WeightRef ref = *view.document().selection.weight;
  const int node = tensor_of(view.document(), ref).node;
  const nn::Shape& output = view.document().graph().nodes()[static_cast<std::size_t>(node)].output;
  const int channel = output_channel(view.document(), ref);
  for (const UiState::Hover* at : {&ui.hover, &ui.lens}) {
    if (at->node == node && at->y < output.h() && at->x < output.w())
      return network::Place{node, channel, at->y, at->x};
  }
  return network::strongest(view, node, channel);
}

std::optional<ChannelSum> channel_sum(const View& view, nn::WeightRef ref, const network::Place& place) {
  const nn::GraphWeight& tensor = tensor_of(view.document(), ref);
  if (tensor.shape.rank() != 4) return std::nullopt;
  const auto formula = explain::formula_at(view.lab.engine().session(), place.node, place.channel, place.y, place.x);
  if (!formula) return std::nullopt;
  ChannelSum sum;
  sum.rows = tensor.shape.h();
  sum.columns = tensor.shape.w();
  const auto each = static_cast<std::size_t>(sum.rows) * static_cast<std::size_t>(sum.columns);
  const std::size_t first =
      ref.element % (tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0])) / each * each;
  if (first + each > formula->terms.size()) return std::nullopt;
  sum.input = formula->terms[first].channel;
  sum.other_count = static_cast<int>(formula->terms.size() / each) - 1;
  for (std::size_t k = 0; k < formula->terms.size(); ++k) {
    const explain::FormulaTerm& term = formula->terms[k];
    const bool own = k >= first && k < first + each;
    (own ? sum.own : sum.others) += static_cast<double>(term.product);
    if (!own) continue;
    sum.patch.push_back(term.input);
    sum.weights.push_back(term.weight);
    sum.products.push_back(term.product);
  }
  const nn::Node& node = view.document().graph().nodes()[static_cast<std::size_t>(place.node)];
  sum.of_colours = node.inputs.front() == 0;
  sum.bias = formula->bias;
  sum.value = formula->sum;
  return sum;
}

void draw_channel_sum(const ChannelSum& sum, float width) {
  constexpr float kSign = 24.0F;
  constexpr float kCaption = 22.0F;
  const float side = std::min((width - 2 * kSign) / 3.0F, 110.0F);
  const float high = side * static_cast<float>(sum.rows) / static_cast<float>(std::max(sum.rows, sum.columns));
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto sign = [&](float x, std::string_view words) {
    draw_text_in(list, fonts().strong, {x, from.y}, {x + kSign, from.y + high}, 0.5F, colours().quiet, words);
  };
  draw_tile(sum.patch, sum.rows, sum.columns, from, side, say(text::inspector_patch));
  sign(from.x + side, "×");
  draw_tile(sum.weights, sum.rows, sum.columns, {from.x + side + kSign, from.y}, side, say(text::inspector_weights));
  sign(from.x + 2 * side + kSign, "=");
  draw_tile(sum.products, sum.rows, sum.columns, {from.x + 2 * (side + kSign), from.y}, side,
            say(text::inspector_products));
  ImGui::Dummy({width, high + kCaption});
  note_item("sum/pictures");
  std::vector<std::string> lines{tr(text::inspector_sum_own, {{"value", decimal(sum.own, 2)}})};
  if (sum.other_count > 0)
    lines.push_back(tr(sum.of_colours ? text::inspector_sum_other_colours : text::inspector_sum_others,
                       {{"value", plus(sum.others)}}));
  lines.push_back(tr(text::inspector_sum_bias, {{"value", plus(static_cast<double>(sum.bias))}}));
  lines.push_back("= " + decimal(static_cast<double>(sum.value), 2));
  network::draw_sum(lines, width);
}

void use_lens(const View& view, UiState& ui, const Frame& frame, bool held) {
  const auto place = looked_at(view, ui);
  if (!place) return;
  const nn::Graph& graph = view.document().graph();
  const nn::Shape& output = graph.nodes()[static_cast<std::size_t>(place->node)].output;
  if (output.h() * output.w() <= 1) return;
  if (held && ImGui::IsMousePosValid()) {
    const ImVec2 mouse = ImGui::GetMousePos();
    const auto at = [&](float from_corner, int count) {
      return base::whole_within(from_corner / frame.side() * static_cast<float>(count), 0, count - 1);
    };
    ui.lens = {place->node, place->channel, at(mouse.y - frame.from.y, output.h()),
               at(mouse.x - frame.from.x, output.w())};
  }
  const auto field = explain::receptive_field(graph, place->node, place->y, place->x).inside;
  const float step = frame.side() / static_cast<float>(graph.spec().input[2]);
  const auto x = [&](int column) { return frame.from.x + step * static_cast<float>(column); };
  const auto y = [&](int row) { return frame.from.y + step * static_cast<float>(row); };
  const ImVec2 from{x(field.left), y(field.top)};
  const ImVec2 to{x(field.right), y(field.bottom)};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect({from.x - 1, from.y - 1}, {to.x + 1, to.y + 1}, IM_COL32(0, 0, 0, 170), 3.0F, ImDrawFlags_None, 5.0F);
  list.AddRect(from, to, held ? colours().accent : IM_COL32_WHITE, 3.0F, ImDrawFlags_None, 2.5F);
  note_rect("lens", from, to);
}

}  // namespace weightroom::ui
