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
  static constexpr Name kNames[] = {
      {"Relu", "relu"},         {"Sigmoid", "sigmoid"}, {"Tanh", "tanh"}, {"Erf", "erf"}, {"HardSwish", "hard_swish"},
      {"Softplus", "softplus"}, {"Log", "log"},         {"Mish", "mish"}};
  return only(t.add(our_name(kNames, t.node.op())));
}

Translated same(const Translation& t) { return only(*t.inputs[0]); }

// Opset 12 gave it a third input that says whether it drops anything; before, it never does in a file.
Translated dropout(const Translation& t) {
  if (t.node.opset() < 12 || !t.has(2)) return same(t);
  const auto training = t.constant(2) != nullptr ? one_number(*t.constant(2)) : std::nullopt;
  const auto ratio = t.constant(1) != nullptr ? one_number(*t.constant(1)) : std::nullopt;
  if (!training || (*training != 0.0F && ratio != 0.0F)) return t.refuse(text::onnx_batch_norm_training);
  return same(t);
}

// To whole numbers: what stands behind the point is cut off. To real ones: what it is.
Translated cast(const Translation& t) {
  const long long to = t.node.integer("to", 1);
  const bool real = to == 1 || to == 10 || to == 11 || to == 16;
  Known known = *t.inputs[0];
  if (real || known.whole) {
    known.whole = !real;
    return only(std::move(known));
  }
  const bool whole = (to >= 2 && to <= 7) || to == 12 || to == 13;
  if (!whole) return t.refuse({text::onnx_cast, {{"type", to}}});
  auto made = t.add("trunc");
  if (made) made->whole = true;
  return only(std::move(made));
}

Translated leaky_relu(const Translation& t) {
  return only(t.add("leaky_relu", {{"alpha", static_cast<double>(t.node.real("alpha", 0.01F))}}));
}

Translated elu(const Translation& t) {
  const bool scaled = t.node.op() == "Selu";
  nn::Attributes attributes{{"alpha", static_cast<double>(t.node.real("alpha", scaled ? 1.67326319F : 1.0F))}};
  if (scaled) attributes.set("scale", static_cast<double>(t.node.real("gamma", 1.05070102F)));
  return only(t.add("elu", std::move(attributes)));
}

Translated prelu(const Translation& t) {
  const Tensor* slope = t.constant(1);
  const nn::Shape& shape = t.shape(0);
  const int rank = shape.rank();
  if (!t.flows(0) || slope == nullptr || slope->whole || static_cast<int>(slope->extents.size()) > rank)
    return t.refuse(text::onnx_prelu);
  const int missing = rank - static_cast<int>(slope->extents.size());
  if (missing == 0 && slope->extents[0] != 1) return t.refuse(text::onnx_constant_batch);
  std::vector<long long> extents(static_cast<std::size_t>(rank - 1), 1);
  for (int axis = std::max(1, missing); axis < rank; ++axis)
    extents[static_cast<std::size_t>(axis - 1)] = slope->extents[static_cast<std::size_t>(axis - missing)];
  std::vector<long long> usual(extents.size(), 1);
  usual[0] = shape.c();
  nn::Attributes attributes;
  if (extents != usual) attributes.set("shape", extents);
  std::vector<std::vector<float>> weights;
  const std::string name = slope->name;
  weights.push_back(t.take(1));
  return only(t.add("prelu", std::move(attributes), std::move(weights), name));
}

// x sigmoid(x) (Ramachandran et al., "Searching for activation functions", 2017)
Translated swish(const Translation& t) {
  if (t.node.real("alpha", 1.0F) != 1.0F) return t.refuse(text::onnx_swish);
  auto made = t.add("sigmoid");
  if (made) made = t.add_over({*t.inputs[0], *made}, "mul");
  return only(std::move(made));
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

// x and tanh(softplus(x)): exporters before opset 18 write a mish so. The parts go, where nobody else reads them.
const Known* mish_of(const Translation& t) {
  for (std::size_t i = 0; t.inputs.size() == 2 && i < 2; ++i) {
    if (!t.flows(i) || !t.flows(1 - i)) return nullptr;
    const nn::NodeSpec* bend = t.builder.spec_of(t.inputs[1 - i]->node);
    const nn::NodeSpec* soft = bend != nullptr && bend->op == "tanh" ? t.builder.spec_of(bend->inputs[0]) : nullptr;
    const bool same = t.inputs[i]->batch_axis == t.inputs[1 - i]->batch_axis;
    if (soft != nullptr && soft->op == "softplus" && soft->inputs[0] == t.inputs[i]->node && same) return t.inputs[i];
  }
  return nullptr;
}

Translated pairwise(const Translation& t) {
  static constexpr Name kNames[] = {{"Add", "add"}, {"Sub", "sub"}, {"Mul", "mul"}, {"Div", "div"},
                                    {"Min", "min"}, {"Max", "max"}, {"Sum", "add"}};
  const std::string op = our_name(kNames, t.node.op());
  if (const Known* x = op == "mul" ? mish_of(t) : nullptr) {
    auto made = t.add_over({*x}, "mish");
    if (made) made->batch_axis = x->batch_axis;
    return only(std::move(made));
  }
  const auto known = t.aligned();
  if (!known) return std::unexpected(known.error());
  const Known* like = nullptr;  // the one with the most axes
  for (std::size_t i = 0; i < known->size(); ++i) {
    const Known& input = (*known)[i];
    if (t.flows(i) && (like == nullptr || input.shape.rank() > like->shape.rank())) like = &input;
  }
  auto sum = t.flowing(0, (*known)[0], *like);
  if (!sum) return std::unexpected(sum.error());
  for (std::size_t i = 1; i < t.inputs.size(); ++i) {
    auto next = t.flowing(i, (*known)[i], *like);
    if (!next) return std::unexpected(next.error());
    sum = t.add_over({*sum, *next}, op);
    if (!sum) return std::unexpected(sum.error());
    sum->batch_axis = like->batch_axis;
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
  const char* op = t.node.op() == "Softmax" ? "softmax" : "log_softmax";
  const Known& from = *t.inputs[0];
  const nn::Shape& shape = from.shape;
  const bool flat = t.node.opset() < 13;  // then over all axes from `axis` on together
  const auto axis = normal_axis(t.node.integer("axis", flat ? 1 : -1), static_cast<std::size_t>(from.rank()));
  if (!axis || *axis == from.batch_axis) return t.refuse(text::onnx_softmax);
  const int at = from.axis(static_cast<int>(*axis));
  int others = 0;  // axes behind it with more than one place
  for (int i = static_cast<int>(*axis) + 1; i < from.rank(); ++i) others += static_cast<int>(shape[from.axis(i)] > 1);
  if (!flat || others == 0) {
    auto made = t.add(op, {{"axis", static_cast<long long>(at)}});
    if (made) made->batch_axis = from.batch_axis;
    return only(std::move(made));
  }
  if (from.batch_axis != 0) return t.refuse(text::onnx_batch_first);
  auto extents = t.extents(0);
  std::vector<long long> together(extents.begin(), extents.begin() + at);
  long long rest = 1;
  for (int i = at; i < shape.rank(); ++i) rest *= shape[i];
  together.push_back(rest);
  auto rows = t.reshape(*t.inputs[0], together);
  if (!rows) return std::unexpected(rows.error());
  auto shares = t.add_over({*rows}, op, {{"axis", *axis}});
  if (!shares) return std::unexpected(shares.error());
  return only(t.reshape(*shares, extents));
}

constexpr OpRow kValueRows[] = {{"Relu", bare, Batch::kept},
                                {"Sigmoid", bare, Batch::kept},
                                {"Tanh", bare, Batch::kept},
                                {"Erf", bare, Batch::kept},
                                {"HardSwish", bare, Batch::kept},
                                {"LeakyRelu", leaky_relu, Batch::kept},
                                {"HardSigmoid", hard_sigmoid, Batch::kept},
                                {"Gelu", gelu, Batch::kept},
                                {"Clip", clip, Batch::kept},
                                {"Pow", power, Batch::kept},
                                {"Sqrt", power, Batch::kept},
                                {"Reciprocal", power, Batch::kept},
                                {"Add", pairwise, Batch::any},
                                {"Sum", pairwise, Batch::any},
                                {"Sub", pairwise, Batch::any},
                                {"Mul", pairwise, Batch::any},
                                {"Div", pairwise, Batch::any},
                                {"Min", pairwise, Batch::any},
                                {"Max", pairwise, Batch::any},
                                {"Neg", negate, Batch::kept},
                                {"Softmax", softmax, Batch::any},
                                {"LogSoftmax", softmax, Batch::any},
                                {"Log", bare, Batch::kept},
                                {"Softplus", bare, Batch::kept},
                                {"Elu", elu, Batch::kept},
                                {"Selu", elu, Batch::kept},
                                {"PRelu", prelu},
                                {"Mish", bare, Batch::kept},
                                {"Swish", swish, Batch::kept},
                                {"Identity", same, Batch::kept},
                                {"Dropout", dropout, Batch::kept},
                                {"Cast", cast, Batch::kept}};

}  // namespace

std::span<const OpRow> value_rows() { return kValueRows; }

}  // namespace weightroom::onnx
