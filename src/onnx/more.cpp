// What several of our ops do together, or what a file does beside a net.
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
  std::vector<const Tensor*> tensors;
  for (std::size_t i = 0; i < t.inputs.size(); ++i) tensors.push_back(t.constant(i));
  const auto given = axes_of(t.node, tensors);
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
    if (values.size() == static_cast<std::size_t>(groups) && channels % values.size() == 0) {
      values.clear();
      for (std::size_t c = 0; c < channels; ++c) values.push_back(tensor->reals[c * tensor->reals.size() / channels]);
    }
    weights.push_back(std::move(values));
  }
  return only(t.add("group_norm", {{"groups", groups}, {"epsilon", static_cast<double>(t.node.real("epsilon", 1e-5F))}},
                    std::move(weights), scale->name));
}

// Repeats what has one place along an axis.
Translated expand(const Translation& t) {
  const Tensor* target = t.constant(1);
  const nn::Shape& shape = t.shape(0);
  auto extents = target != nullptr ? whole_list(*target) : Result<List>(t.refuse(text::onnx_shape_computed));
  if (!t.flows(0) || !extents) return t.refuse(text::onnx_shape_computed);
  const auto rank = static_cast<std::size_t>(shape.rank());
  if (extents->size() > rank) return t.refuse(text::onnx_ranks_differ_expand);
  extents->insert(extents->begin(), rank - extents->size(), 1);
  if (extents->front() == t.builder.batch()) extents->front() = 1;
  List ones;
  bool grows = false;
  for (std::size_t i = 0; i < rank; ++i) {
    const long long now = shape[static_cast<int>(i)];
    const long long wanted = (*extents)[i];
    if (wanted < 1 || (wanted != 1 && now != 1 && wanted != now) || (i == 0 && wanted != 1))
      return t.refuse(text::onnx_expand);
    if (i > 0) ones.push_back(now == 1 ? wanted : 1);
    grows = grows || (now == 1 && wanted != 1);
  }
  if (!grows) return only(*t.inputs[0]);
  if (count_of(ones) >= kMaxFile / 4) return t.refuse(text::onnx_shape_large);
  auto factor = t.builder.add(t.node.node().name + ".ones", "parameter", {}, {{"shape", ones}, {"fixed", 1LL}},
                              {std::vector<float>(count_of(ones), 1.0F)});
  if (!factor) return t.refuse(factor.error());
  return only(t.add_over({*t.inputs[0], *factor}, "mul"));
}

// The height and width that a Resize asks for, and by what its places are divided, where that is not their ratio.
struct Target {
  List size;
  std::optional<float> scales[2];
};

Result<Target> target_of(const Translation& t) {
  const nn::Shape& shape = t.shape(0);
  const bool old = t.node.op() == "Upsample" || t.node.opset() < 11;
  const std::size_t at = old ? 1 : 2;
  const auto filled = [&](std::size_t i) {
    return t.has(i) && !(t.constant(i) != nullptr && t.constant(i)->size() == 0);
  };
  const bool by_size = !old && filled(3);
  List axes = t.node.integers("axes");
  if (axes.empty()) axes = {0, 1, 2, 3};
  std::vector<float> scales;
  List sizes;
  if (const Tensor* list = t.constant(by_size ? 3 : at); list != nullptr && list->extents.size() == 1) {
    scales = list->reals;
    sizes = list->integers;
  } else if (const auto attribute = t.node.node().attributes.find("scales");
             attribute != t.node.node().attributes.end()) {
    scales = attribute->second.reals;
  }
  if ((by_size ? sizes.size() : scales.size()) != axes.size()) return t.refuse(text::onnx_resize_constant);
  Target target{{shape.h(), shape.w()}, {}};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = normal_axis(axes[i], 4);
    if (!axis) return t.refuse(text::onnx_axes_exist);
    const long long now = shape[static_cast<int>(*axis)];
    const auto place = static_cast<std::size_t>(*axis);
    if (place < 2) {
      const bool kept = by_size ? sizes[i] == now || (place == 0 && sizes[i] == t.builder.batch()) : scales[i] == 1.0F;
      if (!kept) return t.refuse(text::onnx_resize_pixels);
      continue;
    }
    if (!by_size && !(scales[i] > 0.0F && scales[i] < 1e5F)) return t.refuse(text::onnx_resize_constant);
    target.size[place - 2] = by_size ? sizes[i] : static_cast<long long>(scales[i] * static_cast<float>(now));
    if (!by_size) target.scales[place - 2] = scales[i];
  }
  return target;
}

struct Spelling {
  std::string_view onnx;
  const char* ours;
};
template <std::size_t N>
const char* spelt(const Spelling (&words)[N], std::string_view word) {
  const auto* const at = std::ranges::find(words, word, &Spelling::onnx);
  return at == std::end(words) ? nullptr : at->ours;
}

Translated resize(const Translation& t) {
  static constexpr Spelling kModes[] = {{"nearest", "nearest"}, {"linear", "linear"}, {"bilinear", "linear"}};
  static constexpr Spelling kPlaces[] = {{"half_pixel", "half_pixel"},
                                         {"pytorch_half_pixel", "pytorch"},
                                         {"asymmetric", "asymmetric"},
                                         {"align_corners", "align_corners"}};
  static constexpr Spelling kRounds[] = {
      {"round_prefer_floor", "down"}, {"round_prefer_ceil", "up"}, {"floor", "floor"}, {"ceil", "ceil"}};
  if (!t.flows(0) || t.shape(0).rank() != 4) return t.refuse(text::onnx_pictures_only);
  const auto target = target_of(t);
  if (!target) return std::unexpected(target.error());
  // Before opset 11 the words were not yet there.
  const bool old = t.node.op() == "Upsample" || t.node.opset() < 11;
  const bool shrinks = target->size[0] < t.shape(0).h() || target->size[1] < t.shape(0).w();
  const std::string mode = t.node.text("mode", "nearest");
  const std::string place = old ? "asymmetric" : t.node.text("coordinate_transformation_mode", "half_pixel");
  const std::string round = old ? (shrinks ? "ceil" : "floor") : t.node.text("nearest_mode", "round_prefer_floor");
  const char* const words[] = {spelt(kModes, mode), spelt(kPlaces, place), spelt(kRounds, round)};
  for (std::size_t i = 0; i < 3; ++i) {
    if (words[i] == nullptr)
      return t.refuse({text::onnx_resize_word, {{"word", io::in_quotes(i == 0 ? mode : i == 1 ? place : round)}}});
  }
  if (t.node.integer("antialias", 0) != 0) return t.refuse({text::onnx_resize_word, {{"word", "'antialias'"}}});
  if (const std::string policy = t.node.text("keep_aspect_ratio_policy", "stretch"); policy != "stretch")
    return t.refuse({text::onnx_resize_word, {{"word", io::in_quotes(policy)}}});
  nn::Attributes attributes{{"size", target->size}, {"mode", std::string(words[0])}};
  if (place != "half_pixel") attributes.set("place", std::string(words[1]));
  if (mode == "nearest" && round != "round_prefer_floor") attributes.set("round", std::string(words[2]));
  const char* names[] = {"scale_y", "scale_x"};
  for (std::size_t i = 0; i < 2; ++i) {
    const double ratio = static_cast<double>(target->size[i]) / t.shape(0)[static_cast<int>(i) + 2];
    if (target->scales[i] && static_cast<double>(*target->scales[i]) != ratio)
      attributes.set(names[i], static_cast<double>(*target->scales[i]));
  }
  return only(t.add("resize", std::move(attributes)));
}

constexpr OpRow kMoreRows[] = {{"QuantizeLinear", quantise, true},
                               {"DequantizeLinear", dequantise, true},
                               {"GlobalMaxPool", global_max},
                               {"ReduceMax", reduce},
                               {"ReduceSum", reduce},
                               {"InstanceNormalization", group_normalisation},
                               {"GroupNormalization", group_normalisation},
                               {"Expand", expand},
                               {"Resize", resize},
                               {"Upsample", resize}};

}  // namespace

std::span<const OpRow> more_rows() { return kMoreRows; }

}  // namespace weightroom::onnx
