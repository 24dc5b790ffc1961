#include "ui/network/words.h"

#include <algorithm>
#include <cmath>

#include <strings/list.h>
#include <strings/network.h>

#include "explain/geometry.h"
#include "explain/weights.h"
#include "ui/context.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui::network {
namespace {

constexpr std::size_t kTermsShown = 2;

const nn::Node& node_of(const nn::Graph& graph, int node) { return graph.nodes()[static_cast<std::size_t>(node)]; }

std::string window_words(const explain::Window& window) {
  return std::to_string(window.y.kernel) + "×" + std::to_string(window.x.kernel);
}

// What an op says of itself, with what it says of a node.
std::string filled(const nn::Graph& graph, const nn::Node& node, Text key) {
  const auto window = explain::window_of(node);
  return tr(key, {{"window", window ? window_words(*window) : std::string()},
                  {"from", node.inputs.empty() ? std::string() : node_of(graph, node.inputs.front()).name}});
}

std::string span_words(int from, int past) {
  return past - from == 1 ? std::to_string(from) : std::to_string(from) + "–" + std::to_string(past - 1);
}

// "+ 0.31 × 0.50", "− 0.31 × (−0.50)"; the first of a sum drops its plus.
std::string product(float weight, float input, bool first) {
  const std::string sign = std::signbit(weight) ? (first ? "−" : "− ") : (first ? "" : "+ ");
  const std::string number = document::number_text(input);
  return sign + document::number_text(std::abs(weight)) + " × " +
         (std::signbit(input) && input != 0.0F ? "(" + number + ")" : number);
}

std::string signed_number(float value) {
  return (std::signbit(value) ? "− " : "+ ") + document::number_text(std::abs(value));
}

// The selected weight's product, then the largest of the others.
std::vector<explain::FormulaTerm> in_order_of_interest(const document::Document& document, const Place& place,
                                                       std::vector<explain::FormulaTerm> terms) {
  std::size_t led = 0;
  if (const auto& lit = document.selection.weight; lit) {
    const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(lit->tensor)];
    const std::size_t each = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
    const bool here = tensor.node == place.node && lit->element / each == static_cast<std::size_t>(place.channel);
    if (here && each == terms.size()) {
      std::swap(terms[0], terms[lit->element % each]);
      led = 1;
    }
  }
  const auto shown = static_cast<std::ptrdiff_t>(std::min(terms.size(), kTermsShown));
  std::partial_sort(terms.begin() + static_cast<std::ptrdiff_t>(led), terms.begin() + shown, terms.end(),
                    [](const auto& a, const auto& b) { return std::abs(a.product) > std::abs(b.product); });
  return terms;
}

std::vector<std::string> weighted_sum(const View& view, const Place& place) {
  const auto sum = explain::formula_at(view.lab.engine().session(), place.node, place.channel, place.y, place.x);
  if (!sum) return {};
  const auto terms = in_order_of_interest(view.document(), place, sum->terms);
  std::vector<std::string> lines;
  lines.reserve(kTermsShown + 3);
  const std::size_t shown = std::min(terms.size(), kTermsShown);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(product(terms[i].weight, terms[i].input, i == 0));
  if (terms.size() > shown) lines.push_back(tr(text::network_more_products, {{"n", terms.size() - shown}}));
  lines.push_back(tr(text::network_bias, {{"value", signed_number(sum->bias)}}));
  lines.push_back("= " + document::number_text(sum->sum));
  return lines;
}

// Values of a pool's window that lie inside the map.
std::vector<float> under_window(nn::ConstTensor input, const explain::Window& window, const Place& place) {
  std::vector<float> values;
  for (int u = 0; u < window.y.kernel; ++u) {
    for (int v = 0; v < window.x.kernel; ++v) {
      const int y = window.y.at(place.y, u);
      const int x = window.x.at(place.x, v);
      if (y < 0 || y >= input.shape.h() || x < 0 || x >= input.shape.w()) continue;
      const auto row = static_cast<std::size_t>(place.channel * input.shape.h() + y);
      values.push_back(input.data[row * static_cast<std::size_t>(input.shape.w()) + static_cast<std::size_t>(x)]);
    }
  }
  return values;
}

std::string listed(std::span<const float> values) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> words;
  for (const float value : values.first(std::min(values.size(), kShown))) words.push_back(document::number_text(value));
  if (values.size() > kShown) words.emplace_back("…");
  return base::list_of(words, text::list_comma);
}

}  // namespace

const nn::Node& node_of(const View& view, int node) { return node_of(view.document().graph(), node); }

bool is_flat(const nn::Graph& graph, int node) {
  const nn::Shape& shape = node_of(graph, node).output;
  return shape.h() * shape.w() == 1;
}

bool is_answer(const nn::Graph& graph, int node) { return node >= graph.logits(); }

bool is_mean_of_map(const nn::Node& node) {
  return node.op != nullptr && node.op->traits.pool == nn::Pool::mean && node.op->traits.window == nullptr;
}

std::string op_words(const nn::Graph& graph, int index) {
  const nn::Node& node = node_of(graph, index);
  return node.op == nullptr ? tr(text::network_picture) : filled(graph, node, node.op->traits.words);
}

std::string op_sentence(const nn::Graph& graph, int index) {
  const nn::Node& node = node_of(graph, index);
  if (node.op == nullptr) return tr(text::network_picture_help);
  return filled(graph, node, node.op->summary);
}

std::string shape_words(const nn::Shape& output) {
  std::string channels = std::to_string(output.c());
  if (output.h() * output.w() == 1) return channels;
  return channels + "×" + std::to_string(output.h()) + "×" + std::to_string(output.w());
}

std::string place_words(const document::Document& document, const Place& place) {
  const nn::Graph& graph = document.graph();
  const nn::Node& node = node_of(graph, place.node);
  if (is_answer(graph, place.node))
    return tr(text::network_class_of, {{"layer", node.name}, {"class", class_label(document, place.channel)}});
  if (is_flat(graph, place.node)) return tr(text::network_value_of, {{"layer", node.name}, {"channel", place.channel}});
  return tr(text::network_place, {{"layer", node.name}, {"channel", place.channel}, {"y", place.y}, {"x", place.x}});
}

std::string field_words(const nn::Graph& graph, const Place& place) {
  const auto field = explain::receptive_field(graph, place.node, place.y, place.x).inside;
  const nn::Shape& input = graph.spec().input;
  if (field.top >= field.bottom || field.left >= field.right) return tr(text::network_sees_padding);
  const int height = field.bottom - field.top;
  const int width = field.right - field.left;
  if (height >= input[1] && width >= input[2]) return tr(text::network_sees_all);
  const std::string rows = span_words(field.top, field.bottom);
  const std::string columns = span_words(field.left, field.right);
  if (height == 1 && width == 1) return tr(text::network_sees_pixel, {{"row", rows}, {"column", columns}});
  if (height == 1) return tr(text::network_sees_row, {{"row", rows}, {"columns", columns}});
  if (width == 1) return tr(text::network_sees_column, {{"rows", rows}, {"column", columns}});
  return tr(text::network_sees, {{"rows", rows}, {"columns", columns}});
}

std::vector<std::string> sum_words(const View& view, const Place& place) {
  const nn::Graph& graph = view.document().graph();
  const nn::Node& node = node_of(graph, place.node);
  if (node.inputs.empty()) return {};
  const nn::Traits& traits = node.op->traits;
  if (traits.weighted_sum) return weighted_sum(view, place);
  const nn::ConstTensor input = view.lab.engine().activation(node.inputs.front());
  const std::string result = " = " + document::number_text(value_at(view, place));
  if (!traits.formula.empty()) {
    const std::size_t i = (static_cast<std::size_t>(place.channel * input.shape.h() + place.y)) *
                              static_cast<std::size_t>(input.shape.w()) +
                          static_cast<std::size_t>(place.x);
    std::string formula(traits.formula);
    formula.replace(formula.find("{x}"), 3, document::number_text(input.data[i]));
    return {formula + result};
  }
  if (const auto window = explain::window_of(node)) {
    const auto values = under_window(input, *window, place);
    return {tr(traits.pool == nn::Pool::largest ? text::network_largest_of : text::network_mean_of,
               {{"values", listed(values)}}),
            result.substr(1)};
  }
  if (is_mean_of_map(node)) {
    return {tr(text::network_mean_of_map, {{"n", input.shape.h() * input.shape.w()}, {"channel", place.channel}}),
            result.substr(1)};
  }
  return {};
}

std::string weight_words(const document::Document& document, nn::WeightRef ref) {
  const nn::Graph& graph = document.graph();
  const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(ref.tensor)];
  const std::size_t each = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
  const auto output = static_cast<int>(ref.element / each);
  const auto within = static_cast<int>(ref.element % each);
  const bool answer = is_answer(graph, tensor.node);
  const std::string label = answer ? class_label(document, output) : std::string();
  if (tensor.shape.rank() == 2)
    return answer ? tr(text::network_weight_to_class, {{"from", within}, {"class", label}})
                  : tr(text::network_weight_to_value, {{"from", within}, {"to", output}});
  if (tensor.shape.rank() == 4) {
    const auto groups = static_cast<int>(node_of(graph, tensor.node).attributes.integer("groups", 1).value_or(1));
    const int first = output / std::max(1, tensor.shape[0] / groups) * tensor.shape[1];
    const int from = first + within / (tensor.shape.h() * tensor.shape.w());
    return answer ? tr(text::network_weight_kernel_class, {{"class", label}, {"from", from}})
                  : tr(text::network_weight_kernel, {{"to", output}, {"from", from}});
  }
  const bool bias = tensor.name.ends_with(".bias");
  if (answer) return tr(bias ? text::network_bias_class : text::network_weight_class, {{"class", label}});
  const Text key = !bias                         ? text::network_weight_map
                   : is_flat(graph, tensor.node) ? text::network_bias_value
                                                 : text::network_bias_map;
  return tr(key, {{"channel", output}});
}

void draw_sum(std::span<const std::string> lines, float width) {
  if (lines.empty()) return;
  constexpr float kLine = 20.0F;
  constexpr ImVec2 kPad{10.0F, 6.0F};
  // Short ones share a line.
  std::vector<std::string> rows{lines.front()};
  for (const std::string& line : lines.subspan(1)) {
    const std::string longer = rows.back() + " " + line;
    if (text_size(longer, fonts().body).x <= width - 2 * kPad.x) {
      rows.back() = longer;
    } else {
      rows.push_back(line);
    }
  }
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const ImVec2 to{from.x + width, from.y + kLine * static_cast<float>(rows.size()) + 2 * kPad.y};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(from, to, colours().control, 6.0F);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float y = from.y + kPad.y + kLine * static_cast<float>(i);
    draw_text_in(list, fonts().body, {from.x + kPad.x, y}, {to.x, y + kLine}, 0.0F, colours().ink, rows[i]);
  }
  ImGui::Dummy({width, to.y - from.y});
}

float value_at(const View& view, const Place& place) {
  const nn::ConstTensor map = view.lab.engine().activation(place.node);
  const auto row = static_cast<std::size_t>(place.channel * map.shape.h() + place.y);
  return map.data[row * static_cast<std::size_t>(map.shape.w()) + static_cast<std::size_t>(place.x)];
}

Place strongest(const View& view, int node, int channel) {
  const nn::ConstTensor map = view.lab.engine().activation(node);
  const auto plane = static_cast<std::size_t>(map.shape.h() * map.shape.w());
  const std::span<const float> values(map.data + static_cast<std::size_t>(channel) * plane, plane);
  const auto best = std::ranges::max_element(values, {}, [](float v) { return std::abs(v); });
  const auto i = static_cast<int>(best - values.begin());
  return {node, channel, i / map.shape.w(), i % map.shape.w()};
}

}  // namespace weightroom::ui::network
