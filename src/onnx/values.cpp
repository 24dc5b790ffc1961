// Ops that work value by value.
#include <algorithm>
#include <cmath>

#include <strings/onnx.h>

#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

struct Name {
  const char* onnx;
  const char* ours;
};

template <std::size_t N>
std::string our_name(const Name (&names)[N], const std::string& op) {
  const auto at = std::ranges::find_if(names, [&](const Name& name) { return op == name.onnx; });
  CHECK(at != std::end(names));
  return at->ours;
}

Translated bare(const Translation& t) {
  static constexpr Name kNames[] = {{"Relu", "relu"}, {"Sigmoid", "sigmoid"},      {"Tanh", "tanh"},
                                    {"Erf", "erf"},   {"HardSwish", "hard_swish"}, {"Log", "log"}};
  return only(t.add(our_name(kNames, t.node.op())));
}

Translated same(const Translation& t) { return only(*t.inputs[0]); }

Translated leaky_relu(const Translation& t) {
  return only(t.add("leaky_relu", {{"alpha", static_cast<double>(t.node.real("alpha", 0.01F))}}));
}

Translated hard_sigmoid(const Translation& t) {
  return only(t.add("hard_sigmoid", {{"alpha", static_cast<double>(t.node.real("alpha", 0.2F))},
                                     {"beta", static_cast<double>(t.node.real("beta", 0.5F))}}));
}

Translated gelu(const Translation& t) {
  const std::string approximate = t.node.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh") return t.refuse(text::onnx_gelu);
  if (approximate == "none") return only(t.add("gelu"));
  return only(t.add("gelu", {{"tanh", 1LL}}));
}

Translated clip(const Translation& t) {
  nn::Attributes attributes;
  const char* names[] = {"min", "max"};
  for (std::size_t i = 0; i < 2; ++i) {
    std::optional<float> bound;
    if (t.node.opset() < 11) {
      if (t.node.has(names[i])) bound = t.node.real(names[i], 0.0F);
    } else if (t.has(i + 1)) {
      const Tensor* tensor = t.constant(i + 1);
      bound = tensor != nullptr ? one_number(*tensor) : std::nullopt;
      if (!bound) return t.refuse(text::onnx_clip);
    }
    // The largest float is how a file says that there is none.
    if (bound && std::abs(*bound) < 3.4e38F) attributes.set(names[i], static_cast<double>(*bound));
  }
  return only(t.add("clip", std::move(attributes)));
}

Translated power(const Translation& t) {
  const bool by_input = t.node.op() == "Pow";
  const Tensor* tensor = by_input ? t.constant(1) : nullptr;
  const auto exponent = tensor != nullptr ? one_number(*tensor) : std::nullopt;
  if (by_input && (!t.flows(0) || !exponent)) return t.refuse(text::onnx_power);
  const double fixed = t.node.op() == "Sqrt" ? 0.5 : -1.0;  // or Reciprocal
  return only(t.add("power", {{"exponent", exponent ? static_cast<double>(*exponent) : fixed}}));
}

// A constant that has a number for each output of the layer before it, which nobody else reads, is its bias.
bool is_bias(const Translation& t, std::size_t layer, const Tensor& bias) {
  if (t.readers[layer] != 1 || bias.whole) return false;
  const nn::Shape& shape = t.shape(layer);
  const int rank = static_cast<int>(bias.extents.size());
  if (rank > shape.rank()) return false;
  const int channel_axis = t.builder.op_of(t.inputs[layer]->node) == "conv2d" ? 1 : shape.rank() - 1;
  for (int i = 0; i < rank; ++i) {
    const int axis = shape.rank() - rank + i;
    if (bias.extents[static_cast<std::size_t>(i)] != (axis == channel_axis ? shape[axis] : 1)) return false;
  }
  return true;
}

Translated pairwise(const Translation& t) {
  static constexpr Name kNames[] = {{"Add", "add"}, {"Sub", "sub"}, {"Mul", "mul"}, {"Div", "div"},
                                    {"Min", "min"}, {"Max", "max"}, {"Sum", "add"}};
  const std::string op = our_name(kNames, t.node.op());
  if (op == "add" && t.inputs.size() == 2) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Tensor* bias = t.constant(1 - i);
      if (bias != nullptr && t.flows(i) && is_bias(t, i, *bias) && t.builder.give_bias(t.inputs[i]->node, bias->reals))
        return only(*t.inputs[i]);
    }
  }
  int rank = 0;
  for (std::size_t i = 0; i < t.inputs.size(); ++i) {
    if (t.flows(i)) rank = std::max(rank, t.shape(i).rank());
  }
  auto sum = t.flowing(0, rank);
  if (!sum) return std::unexpected(sum.error());
  for (std::size_t i = 1; i < t.inputs.size(); ++i) {
    auto next = t.flowing(i, rank);
    if (!next) return std::unexpected(next.error());
    sum = t.add_over({*sum, *next}, op);
    if (!sum) return std::unexpected(sum.error());
  }
  return only(std::move(sum));
}

Translated negate(const Translation& t) {
  std::vector<long long> shape(static_cast<std::size_t>(t.shape(0).rank() - 1), 1);
  auto minus =
      t.builder.add(t.node.node().name + ".minus", "parameter", {}, {{"shape", shape}, {"fixed", 1LL}}, {{-1.0F}});
  if (!minus) return t.refuse(minus.error());
  return only(t.add_over({*t.inputs[0], *minus}, "mul"));
}

Translated softmax(const Translation& t) {
  const nn::Shape& shape = t.shape(0);
  const bool flat = t.node.opset() < 13;  // then over all axes from `axis` on together
  const auto axis = normal_axis(t.node.integer("axis", flat ? 1 : -1), static_cast<std::size_t>(shape.rank()));
  if (!axis || *axis == 0) return t.refuse(text::onnx_softmax);
  const auto at = static_cast<int>(*axis);
  int others = 0;  // axes behind it with more than one place
  for (int i = at + 1; i < shape.rank(); ++i) others += static_cast<int>(shape[i] > 1);
  if (!flat || others == 0) return only(t.add("softmax", {{"axis", *axis}}));
  auto extents = t.extents(0);
  std::vector<long long> together(extents.begin(), extents.begin() + at);
  long long rest = 1;
  for (int i = at; i < shape.rank(); ++i) rest *= shape[i];
  together.push_back(rest);
  auto rows = t.reshape(*t.inputs[0], together);
  if (!rows) return std::unexpected(rows.error());
  auto shares = t.add_over({*rows}, "softmax", {{"axis", *axis}});
  if (!shares) return std::unexpected(shares.error());
  return only(t.reshape(*shares, extents));
}

Translated log_softmax(const Translation& t) {
  auto shares = softmax(t);
  if (!shares) return shares;
  return only(t.add_over({(*shares)[0]}, "log"));
}

constexpr OpRow kValueRows[] = {{"Relu", bare},
                                {"Sigmoid", bare},
                                {"Tanh", bare},
                                {"Erf", bare},
                                {"HardSwish", bare},
                                {"LeakyRelu", leaky_relu},
                                {"HardSigmoid", hard_sigmoid},
                                {"Gelu", gelu},
                                {"Clip", clip},
                                {"Pow", power},
                                {"Sqrt", power},
                                {"Reciprocal", power},
                                {"Add", pairwise},
                                {"Sum", pairwise},
                                {"Sub", pairwise},
                                {"Mul", pairwise},
                                {"Div", pairwise},
                                {"Min", pairwise},
                                {"Max", pairwise},
                                {"Neg", negate},
                                {"Softmax", softmax},
                                {"LogSoftmax", log_softmax},
                                {"Log", bare},
                                {"Identity", same},
                                {"Dropout", same},
                                {"Cast", same}};

}  // namespace

std::span<const OpRow> value_rows() { return kValueRows; }

}  // namespace weightroom::onnx
