// Layers with a window or with weights of their own.
#include <algorithm>

#include <strings/onnx.h>

#include "io/text.h"
#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

using List = std::vector<long long>;

// A window that moves over a map, as Conv and the pools write it.
struct Window {
  List kernel;
  List strides;
  List dilations;
  List pads;  // top, left, bottom, right
  [[nodiscard]] bool symmetric() const { return pads[0] == pads[2] && pads[1] == pads[3]; }
  [[nodiscard]] bool padded() const {
    return std::ranges::any_of(pads, [](long long pad) { return pad != 0; });
  }
};

// SAME_UPPER and SAME_LOWER: as much padding as makes ceil(in / stride) outputs, the odd pixel at the end or the start.
void pad_to_same(Window& window, const nn::Shape& x, bool lower) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const long long in = x[static_cast<int>(axis) + 2];
    const long long out = (in + window.strides[axis] - 1) / window.strides[axis];
    const long long reach = window.dilations[axis] * (window.kernel[axis] - 1) + 1;
    const long long total = std::max(0LL, (out - 1) * window.strides[axis] + reach - in);
    window.pads[axis] = lower ? total - total / 2 : total / 2;
    window.pads[axis + 2] = total - window.pads[axis];
  }
}

Result<Window> read_window(const Translation& t, List kernel) {
  if (t.shape(0).rank() != 4) return t.refuse(text::onnx_pictures_only);
  Window window{std::move(kernel), t.node.integers("strides"), t.node.integers("dilations"), t.node.integers("pads")};
  if (window.strides.empty()) window.strides = {1, 1};
  if (window.dilations.empty()) window.dilations = {1, 1};
  if (window.pads.empty()) window.pads = {0, 0, 0, 0};
  if (window.kernel.size() != 2 || window.strides.size() != 2 || window.dilations.size() != 2 ||
      window.pads.size() != 4) {
    return t.refuse(text::onnx_window_lists);
  }
  constexpr long long kMost = 1 << 20;
  for (const List* list : {&window.kernel, &window.strides, &window.dilations}) {
    if (std::ranges::any_of(*list, [](long long n) { return n < 1 || n > kMost; }))
      return t.refuse({text::onnx_window_range, {{"most", kMost}}});
  }
  if (std::ranges::any_of(window.pads, [](long long n) { return n < 0 || n > kMost; }))
    return t.refuse({text::onnx_pads_range, {{"most", kMost}}});
  const std::string automatic = t.node.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(window, t.shape(0), automatic == "SAME_LOWER");
  } else if (automatic == "VALID") {
    window.pads = {0, 0, 0, 0};
  } else if (automatic != "NOTSET") {
    return t.refuse({text::onnx_auto_pad, {{"word", io::in_quotes(automatic)}}});
  }
  return window;
}

// The input with the window's padding around it, where our ops cannot do it themselves; the window has none then.
Result<Known> pad_apart(const Translation& t, Window& window, double value) {
  nn::Attributes attributes{{"padding", window.pads}};
  if (value != 0.0) attributes.set("value", value);
  window.pads = {0, 0, 0, 0};
  return t.add("pad", std::move(attributes));
}

// "3 x 3"
std::string list_text(const List& extents) {
  std::string text;
  for (const long long extent : extents) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

Translated conv(const Translation& t) {
  const Tensor* weight = t.constant(1);
  if (!t.flows(0) || weight == nullptr || weight->whole || weight->extents.size() != 4)
    return t.refuse(text::onnx_conv_weights);
  const Tensor* bias = t.constant(2);
  if (t.has(2) && (bias == nullptr || bias->whole)) return t.refuse(text::onnx_conv_bias);
  const List kernel{weight->extents[2], weight->extents[3]};
  if (const List said = t.node.integers("kernel_shape"); !said.empty() && said != kernel)
    return t.refuse({text::onnx_kernel_shape, {{"said", list_text(said)}, {"kernel", list_text(kernel)}}});
  auto window = read_window(t, kernel);
  if (!window) return std::unexpected(window.error());
  Known x = *t.inputs[0];
  if (!window->symmetric()) {
    auto padded = pad_apart(t, *window, 0.0);
    if (!padded) return std::unexpected(padded.error());
    x = std::move(*padded);
  }
  nn::Attributes attributes{{"out_channels", weight->extents[0]},
                            {"kernel", window->kernel},
                            {"stride", window->strides},
                            {"padding", List{window->pads[0], window->pads[1]}},
                            {"bias", bias != nullptr ? 1LL : 0LL}};
  if (window->dilations != List{1, 1}) attributes.set("dilation", window->dilations);
  const long long groups = t.node.integer("group", 1);
  if (groups != 1) attributes.set("groups", groups);
  std::vector<std::vector<float>> weights;
  weights.push_back(t.take(1));
  if (bias != nullptr) weights.push_back(t.take(2));
  return only(t.add_over({x}, "conv2d", std::move(attributes), std::move(weights), weight->name));
}

// A border of the lowest floats that was put around the map for this pool is its padding, which never wins.
void take_border(const Translation& t, Known& x, Window& window) {
  const nn::NodeSpec* border = t.builder.spec_of(x.node);
  if (border == nullptr || border->op != "pad" || border->attributes.has("mode")) return;
  const auto value = border->attributes.real("value", 0.0);
  const auto sides = border->attributes.rows().find("padding");
  const List* pads = sides == border->attributes.rows().end() ? nullptr : std::get_if<List>(&sides->second);
  const bool plain = t.node.integer("ceil_mode", 0) == 0 && window.dilations == List{1, 1};
  if (!plain || !value || *value > kLowest || pads == nullptr || *std::ranges::min_element(*pads) < 0) return;
  const auto from = t.builder.known_of(border->inputs[0]);
  List sum = window.pads;
  for (std::size_t i = 0; i < 4; ++i) sum[i] += (*pads)[i];
  // Wider than the window it would be a value of its own.
  if (sum[0] >= window.kernel[0] || sum[1] >= window.kernel[1] || sum[2] >= window.kernel[0] ||
      sum[3] >= window.kernel[1])
    return;
  window.pads = std::move(sum);
  x = from;
}

Translated pool(const Translation& t) {
  const bool largest = t.node.op() == "MaxPool";
  auto window = read_window(t, t.node.integers("kernel_shape"));
  if (!window) return std::unexpected(window.error());
  const bool counts_padding = t.node.integer("count_include_pad", 0) == 1;
  const bool half = 2 * window->pads[0] <= window->kernel[0] && 2 * window->pads[1] <= window->kernel[1];
  Known x = *t.inputs[0];
  if (largest) take_border(t, x, *window);
  nn::Attributes attributes{{"kernel", window->kernel}, {"stride", window->strides}};
  if (window->padded()) attributes.set("padding", List{window->pads[0], window->pads[1]});
  if (!window->symmetric() || !half) attributes.set("padding_end", List{window->pads[2], window->pads[3]});
  if (t.node.integer("ceil_mode", 0) == 1) attributes.set("ceil_mode", 1LL);
  if (window->dilations != List{1, 1}) {
    if (!largest) return t.refuse(text::onnx_mean_dilated);
    attributes.set("dilation", window->dilations);
  }
  if (!largest) attributes.set("count_include_pad", counts_padding ? 1LL : 0LL);
  return only(t.add_over({x}, largest ? "max_pool" : "avg_pool", std::move(attributes)));
}

Translated global_average(const Translation& t) {
  if (t.shape(0).rank() != 4) return t.refuse(text::onnx_pictures_only);
  return only(t.add("global_avg_pool"));
}

// The values of constant inputs first .. last, or nothing where one is none.
std::optional<std::vector<std::vector<float>>> constants(const Translation& t, std::size_t first, std::size_t last) {
  std::vector<std::vector<float>> values;
  for (std::size_t i = first; i <= last; ++i) {
    const Tensor* tensor = t.constant(i);
    if (tensor == nullptr || tensor->whole) return std::nullopt;
    values.push_back(tensor->reals);
  }
  return values;
}

Translated batch_normalisation(const Translation& t) {
  auto weights = constants(t, 1, 4);
  if (!t.flows(0) || !weights) return t.refuse(text::onnx_batch_norm);
  const auto outputs =
      std::ranges::count_if(t.node.node().outputs, [](const std::string& name) { return !name.empty(); });
  // Before opset 14 the statistics that it gives out say so.
  if (t.node.integer("training_mode", 0) != 0 || (t.node.opset() < 14 && outputs > 1))
    return t.refuse(text::onnx_batch_norm_training);
  const auto epsilon = static_cast<double>(t.node.real("epsilon", 1e-5F));
  return only(t.add("batch_norm", {{"epsilon", epsilon}}, std::move(*weights), t.constant(1)->name));
}

Translated layer_normalisation(const Translation& t) {
  auto weights = constants(t, 1, t.has(2) ? 2 : 1);
  if (!t.flows(0) || !weights) return t.refuse(text::onnx_layer_norm);
  const Known& from = *t.inputs[0];
  const auto axis = normal_axis(t.node.integer("axis", -1), static_cast<std::size_t>(from.rank()));
  // Over the last axes; the batch is none of them.
  if (!axis || *axis <= from.batch_axis) return t.refuse(text::onnx_batch_first);
  const bool last = *axis == from.rank() - 1;
  nn::Attributes attributes{{"axis", last ? -1LL : static_cast<long long>(from.axis(static_cast<int>(*axis)))},
                            {"epsilon", static_cast<double>(t.node.real("epsilon", 1e-5F))}};
  if (!t.has(2)) attributes.set("bias", 0LL);
  return only(t.add("layer_norm", std::move(attributes), std::move(*weights), t.constant(1)->name));
}

Translated local_response(const Translation& t) {
  return only(t.add("lrn", {{"size", t.node.integer("size", 0)},
                            {"alpha", static_cast<double>(t.node.real("alpha", 1e-4F))},
                            {"beta", static_cast<double>(t.node.real("beta", 0.75F))},
                            {"bias", static_cast<double>(t.node.real("bias", 1.0F))}}));
}

Translated linear(const Translation& t, const Tensor& weight, bool transposed_already, float alpha, const Tensor* bias,
                  float beta) {
  const long long outputs = weight.extents[transposed_already ? 0 : 1];
  std::vector<std::vector<float>> weights;
  weights.push_back(transposed_already ? t.take(1) : transposed(weight, List{1, 0}).reals);  // (O,F)
  if (alpha != 1.0F) {
    for (float& value : weights[0]) value *= alpha;
  }
  if (bias != nullptr) {
    if (bias->whole || (bias->size() != 1 && bias->size() != static_cast<std::size_t>(outputs)))
      return t.refuse(text::onnx_gemm_third);
    weights.emplace_back(static_cast<std::size_t>(outputs), bias->reals[0] * beta);
    if (bias->size() != 1)
      std::ranges::transform(bias->reals, weights[1].begin(), [beta](float value) { return value * beta; });
  }
  const Known& input = *t.inputs[0];
  const auto from = input.batch_axis == input.rank() - 1 ? t.hidden(input) : Result<Known>(input);
  if (!from) return std::unexpected(from.error());
  auto made = t.add_over({*from}, "linear", {{"out_features", outputs}, {"bias", bias != nullptr ? 1LL : 0LL}},
                         std::move(weights), weight.name);
  if (made) made->batch_axis = from->batch_axis;
  return only(std::move(made));
}

Translated gemm(const Translation& t) {
  const Tensor* weight = t.constant(1);
  const bool fits = t.flows(0) && weight != nullptr && !weight->whole && weight->extents.size() == 2 &&
                    t.inputs[0]->rank() == 2 && t.node.integer("transA", 0) == 0 && (!t.has(2) || t.constant(2));
  if (!fits) return t.refuse(text::onnx_gemm);
  return linear(t, *weight, t.node.integer("transB", 0) == 1, t.node.real("alpha", 1.0F), t.constant(2),
                t.node.real("beta", 1.0F));
}

// Matrices of both from the picture.
Translated product(const Translation& t) {
  auto known = t.aligned();
  if (!known) return std::unexpected(known.error());
  if ((*known)[0].batch_axis > (*known)[0].rank() - 3) {  // the batch is no axis of a matrix
    for (Known& input : *known) {
      auto hidden = t.hidden(input);
      if (!hidden) return std::unexpected(hidden.error());
      input = std::move(*hidden);
    }
  }
  auto made = t.add_over(*known, "matmul");
  if (made) made->batch_axis = (*known)[0].batch_axis;
  return only(std::move(made));
}

Translated matmul(const Translation& t) {
  if (t.flows(0) && t.flows(1)) return product(t);
  const Tensor* weight = t.constant(1);
  if (weight == nullptr || weight->whole || weight->extents.size() != 2) return t.refuse(text::onnx_matmul);
  return linear(t, *weight, false, 1.0F, nullptr, 1.0F);
}

constexpr OpRow kLayerRows[] = {{"Conv", conv},
                                {"MaxPool", pool},
                                {"AveragePool", pool},
                                {"GlobalAveragePool", global_average},
                                {"BatchNormalization", batch_normalisation},
                                {"LayerNormalization", layer_normalisation, Batch::kept},
                                {"LRN", local_response},
                                {"Gemm", gemm, Batch::any},
                                {"MatMul", matmul, Batch::any}};

}  // namespace

std::span<const OpRow> layer_rows() { return kLayerRows; }

}  // namespace weightroom::onnx
