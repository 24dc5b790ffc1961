// How each op becomes nodes of ONNX's opset 17.
#include <algorithm>
#include <string_view>

#include "onnx/export_node.h"

namespace weightroom::onnx {

void add_tensor(pbf_writer& graph, const std::string& name, std::span<const long long> extents, TensorType type,
                std::span<const std::byte> bytes) {
  pbf_writer tensor(graph, 5);
  for (const long long extent : extents) tensor.add_int64(1, extent);
  tensor.add_int32(2, type);
  tensor.add_string(8, name);
  tensor.add_bytes(9, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

namespace {

// The same on both sides, as ONNX writes it: starts, then ends.
List both_sides(List pads) {
  pads.insert(pads.end(), pads.begin(), pads.begin() + 2);
  return pads;
}

void conv2d(Exported& e) {
  std::vector<std::string> from{e.inputs[0], e.weight(0)};
  if (e.weights() > 1) from.push_back(e.weight(1));
  e.last("Conv", from)
      .set("kernel_shape", e.pair("kernel", 1))
      .set("strides", e.pair("stride", 1))
      .set("pads", both_sides(e.pair("padding", 0)))
      .set("dilations", e.pair("dilation", 1))
      .set("group", e.integer("groups", 1));
}

void pool(Exported& e) {
  const bool largest = e.node.op->name == "max_pool";
  const List kernel = e.pair("kernel", 1);
  const List stride = e.node.attributes.has("stride") ? e.pair("stride", 1) : kernel;
  const List dilation = e.pair("dilation", 1);
  List pads = both_sides(e.pair("padding", 0));
  if (e.node.attributes.has("padding_end")) {
    pads.resize(2);
    const List end = e.pair("padding_end", 0);
    pads.insert(pads.end(), end.begin(), end.end());
  }
  // Where windows begin beyond the padding ONNX counts one more than we do: the end is then padded as far as ours go.
  const bool ends = largest && e.integer("ceil_mode", 0) == 1;
  for (std::size_t axis = 0; ends && axis < 2; ++axis) {
    const int at = static_cast<int>(axis) + 2;
    const long long reach = (e.node.output[at] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    pads[axis + 2] = std::max(0LL, reach - e.input_shape()[at] - pads[axis]);
  }
  auto node = e.last(largest ? "MaxPool" : "AveragePool", e.inputs);
  node.set("kernel_shape", kernel)
      .set("strides", stride)
      .set("pads", pads)
      .set("ceil_mode", ends ? 0LL : e.integer("ceil_mode", 0));
  if (!largest) node.set("count_include_pad", e.integer("count_include_pad", 1));
  if (largest && e.node.attributes.has("dilation")) node.set("dilations", dilation);
}

// A matrix times the last axis: Gemm where that is all there is.
void linear(Exported& e) {
  if (e.node.output.rank() == 2) {
    std::vector<std::string> from{e.inputs[0], e.weight(0)};
    if (e.weights() > 1) from.push_back(e.weight(1));
    e.last("Gemm", from).set("transB", 1LL);
    return;
  }
  const std::string matrix = e.weight(0, true);
  if (e.weights() < 2) return void(e.last("MatMul", {e.inputs[0], matrix}));
  e.before("product", "MatMul", {e.inputs[0], matrix});
  e.last("Add", {e.step("product"), e.weight(1)});
}

void batch_norm(Exported& e) {
  e.last("BatchNormalization", {e.inputs[0], e.weight(0), e.weight(1), e.weight(2), e.weight(3)})
      .set("epsilon", e.real("epsilon", 1e-5));
}

void layer_norm(Exported& e) {
  std::vector<std::string> from{e.inputs[0], e.weight(0)};
  if (e.weights() > 1) from.push_back(e.weight(1));
  e.last("LayerNormalization", from).set("axis", e.integer("axis", -1)).set("epsilon", e.real("epsilon", 1e-5));
}

void lrn(Exported& e) {
  e.last("LRN", e.inputs)
      .set("size", e.integer("size", 1))
      .set("alpha", e.real("alpha", 1e-4))
      .set("beta", e.real("beta", 0.75))
      .set("bias", e.real("bias", 1.0));
}

void pad(Exported& e) {
  const List sides = e.list("padding");  // top, left, bottom, right
  const std::string pads = e.constant("pads", {0, 0, sides[0], sides[1], 0, 0, sides[2], sides[3]});
  e.last("Pad", {e.inputs[0], pads, e.number("value", e.real("value", 0.0))}).set("mode", e.word("mode", "constant"));
}

// What has only inputs, or numbers under the same names here and there.
void plain(Exported& e) {
  auto node = e.last(std::string(e.node.op->onnx_name), e.inputs);
  for (const char* name : {"alpha", "beta"}) {
    if (e.node.attributes.has(name)) node.set(name, e.real(name, 0.0));
  }
}

void leaky_relu(Exported& e) { e.last("LeakyRelu", e.inputs).set("alpha", e.real("alpha", 0.01)); }

void flatten(Exported& e) { e.last("Flatten", e.inputs).set("axis", 1LL); }

void along_axis(Exported& e) { e.last(std::string(e.node.op->onnx_name), e.inputs).set("axis", e.integer("axis", 1)); }

void clip(Exported& e) {
  std::vector<std::string> from{e.inputs[0]};
  for (const char* name : {"min", "max"}) {
    if (e.node.attributes.has(name)) {
      from.resize(name == std::string_view("max") ? 2 : 1);
      from.push_back(e.number(name, e.real(name, 0.0)));
    }
  }
  e.last("Clip", from);
}

void power(Exported& e) { e.last("Pow", {e.inputs[0], e.number("exponent", e.real("exponent", 1.0))}); }

// Opset 17 has no Gelu: its formula (Hendrycks and Gimpel 2016), or the one with tanh.
void gelu(Exported& e) {
  const std::string& x = e.inputs[0];
  if (e.integer("tanh", 0) == 0) {
    e.before("scaled", "Mul", {x, e.number("root", 0.70710678118654752)});
    e.before("bent", "Erf", {e.step("scaled")});
  } else {
    e.before("cube", "Pow", {x, e.number("three", 3.0)});
    e.before("share", "Mul", {e.step("cube"), e.number("factor", 0.044715)});
    e.before("sum", "Add", {x, e.step("share")});
    e.before("scaled", "Mul", {e.step("sum"), e.number("root", 0.79788456080286536)});
    e.before("bent", "Tanh", {e.step("scaled")});
  }
  e.before("lifted", "Add", {e.step("bent"), e.number("one", 1.0)});
  e.before("half", "Mul", {x, e.number("by", 0.5)});
  e.last("Mul", {e.step("half"), e.step("lifted")});
}

void reshape(Exported& e) {
  List extents = e.list("shape");
  extents.insert(extents.begin(), 0);  // the batch, as it comes
  e.last("Reshape", {e.inputs[0], e.constant("shape", extents)});
}

void slice(Exported& e) {
  if (e.node.attributes.has("places")) {
    e.last("Gather", {e.inputs[0], e.constant("places", e.list("places"))}).set("axis", e.integer("axis", 1));
    return;
  }
  constexpr int kAll = 2'147'483'647;
  const std::string starts = e.constant("starts", {e.integer("start", 0)});
  const std::string ends = e.constant("ends", {e.integer("end", kAll)});
  const std::string axes = e.constant("axes", {e.integer("axis", 1)});
  e.last("Slice", {e.inputs[0], starts, ends, axes, e.constant("steps", {e.integer("step", 1)})});
}

void transpose(Exported& e) { e.last("Transpose", e.inputs).set("perm", e.list("order")); }

void reduce_mean(Exported& e) {
  e.last("ReduceMean", e.inputs).set("axes", e.list("axes")).set("keepdims", e.integer("keep", 1));
}

void binary(Exported& e) {
  e.before("minus", "Neg", {e.inputs[0]});
  e.last("Concat", {e.step("minus"), e.inputs[0]}).set("axis", 1LL);
}

void elu(Exported& e) {
  const double alpha = e.real("alpha", 1.0);
  const double scale = e.real("scale", 1.0);
  if (scale == 1.0) return void(e.last("Elu", e.inputs).set("alpha", alpha));
  e.last("Selu", e.inputs).set("alpha", alpha).set("gamma", scale);
}

// Opset 17 has none yet.
void mish(Exported& e) {
  e.before("soft", "Softplus", e.inputs);
  e.before("bent", "Tanh", {e.step("soft")});
  e.last("Mul", {e.inputs[0], e.step("bent")});
}

void trunc(Exported& e) {
  e.before("whole", "Cast", e.inputs).set("to", static_cast<long long>(kInt64s));
  e.last("Cast", {e.step("whole")}).set("to", static_cast<long long>(kFloats));
}

void prelu(Exported& e) { e.last("PRelu", {e.inputs[0], e.weight(0)}); }

// Opset 17 knows the one with a group for each channel; of others the groups are its channels for a while.
void group_norm(Exported& e) {
  const nn::Shape& shape = e.input_shape();
  const auto groups = static_cast<std::size_t>(e.integer("groups", 1));
  const double epsilon = e.real("epsilon", 1e-5);
  if (static_cast<int>(groups) == shape.c() && shape.rank() > 2) {
    e.last("InstanceNormalization", {e.inputs[0], e.weight(0), e.weight(1)}).set("epsilon", epsilon);
    return;
  }
  const std::string ones = e.numbers("ones", std::vector<float>(groups, 1.0F));
  const std::string zeros = e.numbers("zeros", std::vector<float>(groups, 0.0F));
  e.before("rows", "Reshape", {e.inputs[0], e.constant("groups", {0, static_cast<long long>(groups), -1})});
  e.before("even", "InstanceNormalization", {e.step("rows"), ones, zeros}).set("epsilon", epsilon);
  List back{0};
  List behind;
  for (int axis = 1; axis < shape.rank(); ++axis) {
    back.push_back(shape[axis]);
    if (axis > 1) behind.push_back(axis - 1);
  }
  e.before("maps", "Reshape", {e.step("even"), e.constant("shape", back)});
  std::string weight = e.weight(0);
  std::string bias = e.weight(1);
  if (!behind.empty()) {
    const std::string axes = e.constant("axes", behind);
    e.before("weight", "Unsqueeze", {weight, axes});
    e.before("bias", "Unsqueeze", {bias, axes});
    weight = e.step("weight");
    bias = e.step("bias");
  }
  e.before("scaled", "Mul", {e.step("maps"), weight});
  e.last("Add", {e.step("scaled"), bias});
}

void resize(Exported& e) {
  const std::string place = e.word("place", "half_pixel");
  const std::string round = e.word("round", "down");
  std::vector<std::string> from{e.inputs[0], ""};
  const List size = e.list("size");
  if (e.node.attributes.has("scale_y") || e.node.attributes.has("scale_x")) {
    const auto scale = [&](const char* name, std::size_t axis) {
      const double ratio = static_cast<double>(size[axis]) / e.input_shape()[static_cast<int>(axis) + 2];
      return static_cast<float>(e.real(name, ratio));
    };
    from.push_back(e.numbers("scales", {1.0F, 1.0F, scale("scale_y", 0), scale("scale_x", 1)}));
  } else {  // the batch and the channels as they come
    e.before("shape", "Shape", e.inputs).set("end", 2LL);
    e.before("sizes", "Concat", {e.step("shape"), e.constant("size", size)}).set("axis", 0LL);
    from.emplace_back();
    from.push_back(e.step("sizes"));
  }
  e.last("Resize", from)
      .set("mode", e.word("mode", "nearest"))
      .set("coordinate_transformation_mode", place == "pytorch" ? "pytorch_half_pixel" : place)
      .set("nearest_mode", round == "down" ? "round_prefer_floor"
                           : round == "up" ? "round_prefer_ceil"
                                           : round);
}

void parameter(Exported& e) { e.last("Identity", {e.weight(0)}); }

struct Row {
  std::string_view op;
  void (*write)(Exported& e);
};

// Ops that are not named here are plain().
constexpr Row kExportRows[] = {{"binary", binary},
                               {"conv2d", conv2d},
                               {"max_pool", pool},
                               {"avg_pool", pool},
                               {"linear", linear},
                               {"batch_norm", batch_norm},
                               {"layer_norm", layer_norm},
                               {"lrn", lrn},
                               {"pad", pad},
                               {"leaky_relu", leaky_relu},
                               {"flatten", flatten},
                               {"concat", along_axis},
                               {"softmax", along_axis},
                               {"log_softmax", along_axis},
                               {"elu", elu},
                               {"mish", mish},
                               {"trunc", trunc},
                               {"prelu", prelu},
                               {"group_norm", group_norm},
                               {"resize", resize},
                               {"clip", clip},
                               {"power", power},
                               {"gelu", gelu},
                               {"reshape", reshape},
                               {"slice", slice},
                               {"transpose", transpose},
                               {"reduce_mean", reduce_mean},
                               {"parameter", parameter}};

}  // namespace

void write_node(Exported& e) {
  const auto* const row = std::ranges::find(kExportRows, e.node.op->name, &Row::op);
  (row == std::end(kExportRows) ? plain : row->write)(e);
}

}  // namespace weightroom::onnx
