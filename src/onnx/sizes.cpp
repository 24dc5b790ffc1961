// Ops after which maps are larger or smaller.
#include <algorithm>

#include <strings/onnx.h>

#include "io/text.h"
#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

using List = std::vector<long long>;

// `value` before and behind what comes along an axis.
Result<Known> joined_with(const Translation& t, const Known& from, int axis, long long before, long long behind,
                          double value) {
  std::vector<Known> parts;
  for (const long long count : {before, 0LL, behind}) {
    if (parts.size() == (before > 0 ? 1U : 0U) && count == 0) {
      parts.push_back(from);
      continue;
    }
    if (count == 0) continue;
    List extents;
    for (int i = 1; i < from.shape.rank(); ++i) extents.push_back(i == axis ? count : from.shape[i]);
    const std::size_t size = count_of(extents);
    if (size >= kMaxFile / 4) return t.refuse(text::onnx_shape_large);
    auto part = t.builder.add(t.node.node().name + ".border", "parameter", {}, {{"shape", extents}, {"fixed", 1LL}},
                              {std::vector<float>(size, static_cast<float>(value))});
    if (!part) return t.refuse(part.error());
    parts.push_back(std::move(*part));
  }
  return t.add_over(parts, "concat", {{"axis", static_cast<long long>(axis)}});
}

Translated pad(const Translation& t) {
  const int rank = t.shape(0).rank();
  List pads = t.node.integers("pads");
  if (pads.empty()) pads = t.node.integers("paddings");  // opset 1
  double value = static_cast<double>(t.node.real("value", 0.0F));
  if (t.node.opset() >= 11) {
    const Tensor* list = t.constant(1);
    const auto given = list != nullptr ? whole_list(*list) : Result<List>(t.refuse(text::onnx_pads_constant));
    if (!given) return std::unexpected(given.error());
    pads = *given;
    if (t.has(2)) {
      const Tensor* number = t.constant(2);
      const auto filled = number != nullptr ? one_number(*number) : std::nullopt;
      if (!filled) return t.refuse(text::onnx_pad_value);
      value = static_cast<double>(*filled);
    }
  }
  List before(static_cast<std::size_t>(rank), 0);
  List after = before;
  List axes;
  if (t.has(3)) {
    const Tensor* list = t.constant(3);
    const auto given = list != nullptr ? whole_list(*list) : Result<List>(t.refuse(text::onnx_axes_constant));
    if (!given) return std::unexpected(given.error());
    axes = *given;
  } else {
    for (int i = 0; i < rank; ++i) axes.push_back(i);
  }
  if (pads.size() != 2 * axes.size()) return t.refuse(text::onnx_pads_count);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = normal_axis(axes[i], static_cast<std::size_t>(rank));
    if (!axis) return t.refuse(text::onnx_axes_exist);
    before[static_cast<std::size_t>(*axis)] = pads[i];
    after[static_cast<std::size_t>(*axis)] = pads[i + axes.size()];
  }
  const auto nothing = [](long long n) { return n == 0; };
  if (std::ranges::all_of(before, nothing) && std::ranges::all_of(after, nothing)) return only(*t.inputs[0]);
  const std::string mode = t.node.text("mode", "constant");
  const int maps = rank == 4 ? 2 : rank;  // axes before these are joined with constants
  Known grown = *t.inputs[0];
  for (int axis = 0; axis < maps; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (before[at] == 0 && after[at] == 0) continue;
    if (axis == 0 || mode != "constant" || before[at] < 0 || after[at] < 0) return t.refuse(text::onnx_pad_pixels);
    auto joined = joined_with(t, grown, axis, before[at], after[at], std::max(value, kLowest));
    if (!joined) return std::unexpected(joined.error());
    grown = std::move(*joined);
  }
  if (rank != 4 || (before[2] == 0 && before[3] == 0 && after[2] == 0 && after[3] == 0)) return only(std::move(grown));
  nn::Attributes attributes{{"padding", List{before[2], before[3], after[2], after[3]}}};
  if (mode != "constant") attributes.set("mode", mode.substr(0, 20));
  // A border of minus infinity stands before a maximum; no value is below the lowest float either.
  if (mode == "constant" && value != 0.0) attributes.set("value", std::max(value, kLowest));
  return only(t.add_over({grown}, "pad", std::move(attributes)));
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
  std::string place = old ? "asymmetric" : t.node.text("coordinate_transformation_mode", "half_pixel");
  std::string round = old ? (shrinks ? "ceil" : "floor") : t.node.text("nearest_mode", "round_prefer_floor");
  // Half a pixel further on and then down is to the nearest, of two the upper one.
  if (place == "tf_half_pixel_for_nn" && mode == "nearest" && round == "floor") {
    place = "half_pixel";
    round = "round_prefer_ceil";
  }
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

constexpr OpRow kSizeRows[] = {{"Pad", pad}, {"Expand", expand}, {"Resize", resize}, {"Upsample", resize}};

}  // namespace

std::span<const OpRow> size_rows() { return kSizeRows; }

}  // namespace weightroom::onnx
