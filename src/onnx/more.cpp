// Quantised values, sums and the like over axes, norms of groups.
#include <algorithm>

#include <strings/onnx.h>

#include "base/sort.h"
#include "io/text.h"
#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

using List = std::vector<long long>;

// One scale and zero point for all values; nothing where they are computed, or differ from channel to channel.
std::optional<Quantised> quantised_by(const Translation& t) {
  const auto scale = t.constant(1) != nullptr ? one_number(*t.constant(1)) : std::nullopt;
  const Tensor* zero = t.constant(2);
  if (!scale || !(*scale > 0.0F) || (t.has(2) && (zero == nullptr || !zero->whole || zero->size() != 1)))
    return std::nullopt;
  return Quantised{*scale, zero == nullptr ? 0 : zero->integers[0]};
}

// Ops whose values are never below 0.
bool is_positive(const nn::NodeSpec* spec) {
  return spec != nullptr && (spec->op == "relu" || spec->op == "sigmoid" || spec->op == "softmax" ||
                             (spec->op == "clip" && spec->attributes.real("min", -1.0).value_or(-1.0) >= 0.0));
}

// Values are kept as they are. But for the lower end: where the whole numbers begin at the one that stands for 0, what
// is below 0 is lost, and tools that quantise leave a ReLU out there.
Translated quantise(const Translation& t) {
  const auto by = quantised_by(t);
  if (!t.flows(0) || !by) return t.refuse(text::onnx_quantise);
  t.builder.quantised = true;
  Known known = *t.inputs[0];
  const long long type = t.has(2) ? t.constant(2)->type : t.node.integer("output_dtype", 2);
  const bool from_zero = by->zero == range_of(type).first;
  if (from_zero && !is_positive(t.builder.spec_of(known.node))) {
    auto cut = t.add("relu");
    if (!cut) return only(std::move(cut));
    known = std::move(*cut);
  }
  known.quantised = by;
  return only(std::move(known));
}

Translated dequantise(const Translation& t) {
  const auto by = quantised_by(t);
  if (!t.flows(0) || !by) return t.refuse(text::onnx_quantise);
  Known known = *t.inputs[0];
  if (known.quantised != by) return t.refuse(text::onnx_quantised_pair);
  known.quantised.reset();
  return only(std::move(known));
}

std::vector<const Tensor*> constants_of(const Translation& t) {
  std::vector<const Tensor*> result;
  for (std::size_t i = 0; i < t.inputs.size(); ++i) result.push_back(t.constant(i));
  return result;
}

Translated global_max(const Translation& t) {
  if (t.shape(0).rank() != 4) return t.refuse(text::onnx_pictures_only);
  const List all{t.shape(0).h(), t.shape(0).w()};
  return only(t.add("max_pool", {{"kernel", all}, {"stride", all}}));
}

// The largest value over neighbouring axes: under a window as long as they are together.
Result<Known> largest_over(const Translation& t, const List& axes) {
  const nn::Shape& shape = t.shape(0);
  const auto first = static_cast<int>(axes.front());
  const auto last = static_cast<int>(axes.back());
  if (last - first + 1 != static_cast<int>(axes.size())) return t.refuse(text::onnx_max_axes);
  if (shape.rank() == 4 && first == 2 && last == 3) {
    const List all{shape.h(), shape.w()};
    return t.add("max_pool", {{"kernel", all}, {"stride", all}});
  }
  List flat{1, 1, 1, 1};
  for (int axis = 1; axis < shape.rank(); ++axis) flat[axis < first ? 1 : axis > last ? 3 : 2] *= shape[axis];
  auto rows = t.reshape(*t.inputs[0], flat);
  if (!rows) return rows;
  const List kernel{flat[2], 1};
  return t.add_over({*rows}, "max_pool", {{"kernel", kernel}, {"stride", kernel}});
}

Translated reduce(const Translation& t) {
  const auto given = axes_of(t.node, constants_of(t));
  if (!given) return std::unexpected(given.error());
  const nn::Shape& shape = t.shape(0);
  if (given->empty() && t.node.integer("noop_with_empty_axes", 0) == 1) return only(*t.inputs[0]);
  List axes;
  for (const long long value : *given) {
    const auto axis = normal_axis(value, static_cast<std::size_t>(shape.rank()));
    if (!axis || *axis == 0) return t.refuse(text::onnx_mean_axes);
    axes.push_back(*axis);
  }
  if (axes.empty()) return t.refuse(text::onnx_mean_batch);
  base::sort(axes);
  List kept{1};
  double count = 1.0;
  for (int axis = 1; axis < shape.rank(); ++axis) {
    const bool gone = std::ranges::find(axes, axis) != axes.end();
    if (gone) count *= shape[axis];
    if (!gone || t.node.integer("keepdims", 1) == 1) kept.push_back(gone ? 1 : shape[axis]);
  }
  Result<Known> made = t.node.op() == "ReduceMax" ? largest_over(t, axes) : t.add("reduce_mean", {{"axes", axes}});
  if (made && t.node.op() == "ReduceSum") {
    const List one(static_cast<std::size_t>(shape.rank() - 1), 1);
    auto times = t.builder.add(t.node.node().name + ".count", "parameter", {}, {{"shape", one}, {"fixed", 1LL}},
                               {{static_cast<float>(count)}});
    made = times ? t.add_over({*made, *times}, "mul") : std::move(times);
  }
  if (!made) return only(std::move(made));
  return only(t.reshape(*made, kept));
}

Translated reduce_mean(const Translation& t) {
  const auto axes = axes_of(t.node, constants_of(t));
  if (!axes) return std::unexpected(axes.error());
  const bool keep = t.node.integer("keepdims", 1) == 1;
  const int rank = t.shape(0).rank();
  List wanted;
  for (const long long value : *axes) {
    const auto axis = normal_axis(value, static_cast<std::size_t>(rank));
    if (!axis || *axis == 0) return t.refuse(text::onnx_mean_axes);
    wanted.push_back(*axis);
  }
  base::sort(wanted);
  if (wanted.empty()) return t.refuse(text::onnx_mean_batch);
  if (rank == 4 && wanted == List{2, 3}) {
    auto mean = t.add("global_avg_pool");
    if (!mean || keep) return only(std::move(mean));
    return only(t.reshape(*mean, List{1, t.shape(0)[1]}));
  }
  return only(t.add("reduce_mean", {{"axes", wanted}, {"keep", keep ? 1LL : 0LL}}));
}

// Of each channel by itself, or of groups of them; before opset 21 a group has one scale and one shift.
Translated group_normalisation(const Translation& t) {
  const Tensor* scale = t.constant(1);
  const Tensor* shift = t.constant(2);
  if (!t.flows(0) || scale == nullptr || shift == nullptr || scale->whole || shift->whole)
    return t.refuse(text::onnx_layer_norm);
  const auto channels = static_cast<std::size_t>(t.shape(0).c());
  const long long groups = t.node.op() == "InstanceNormalization" ? t.shape(0).c() : t.node.integer("num_groups", 1);
  std::vector<std::vector<float>> weights;
  for (const Tensor* tensor : {scale, shift}) {
    std::vector<float> values = tensor->reals;
    if (!values.empty() && values.size() == static_cast<std::size_t>(groups) && channels % values.size() == 0) {
      values.clear();
      for (std::size_t c = 0; c < channels; ++c) values.push_back(tensor->reals[c * tensor->reals.size() / channels]);
    }
    weights.push_back(std::move(values));
  }
  return only(t.add("group_norm", {{"groups", groups}, {"epsilon", static_cast<double>(t.node.real("epsilon", 1e-5F))}},
                    std::move(weights), scale->name));
}

constexpr OpRow kMoreRows[] = {{"QuantizeLinear", quantise, Batch::kept},
                               {"DequantizeLinear", dequantise, Batch::kept},
                               {"GlobalMaxPool", global_max},
                               {"ReduceMax", reduce},
                               {"ReduceSum", reduce},
                               {"InstanceNormalization", group_normalisation},
                               {"GroupNormalization", group_normalisation},
                               {"ReduceMean", reduce_mean}};

}  // namespace

std::span<const OpRow> more_rows() { return kMoreRows; }

}  // namespace weightroom::onnx
